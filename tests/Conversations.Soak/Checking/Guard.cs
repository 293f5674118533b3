namespace Conversations.Soak.Checking;

/// <summary>Makes a check that throws a failed check, so that the others continue.</summary>
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
