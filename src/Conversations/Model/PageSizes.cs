namespace Conversations;

/// <summary>The bounds of a page.</summary>
internal static class PageSizes
{
    public static int Checked(int value, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, parameter);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ConversationQuery.MaxPageSize, parameter);
        return value;
    }
}
