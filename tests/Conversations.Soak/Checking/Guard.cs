namespace Conversations.Soak.Checking;

/// <summary>Sees to it that a check which throws has failed, and the others go on.</summary>
internal static class Guard
{
    public static async Task<List<Finding>> RunAsync(Func<Task<List<Finding>>> check)
    {
        try
        {
            return await check();
        }
        catch (Exception exception)
        {
            return [new Finding(FindingKind.Wrong, $"{exception.GetType().Name}: {exception.Message}")];
        }
    }
}
