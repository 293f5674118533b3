namespace Conversations;

/// <summary>By what usage is grouped in a report; any of them together.</summary>
[Flags]
public enum UsageGrouping
{
    /// <summary>By nothing: one row for all.</summary>
    None = 0,

    /// <summary>By the conversation.</summary>
    Conversation = 1,

    /// <summary>By the agent.</summary>
    Agent = 2,

    /// <summary>By the <c>user_id</c> of who asked, whatever other identity fields they had.</summary>
    User = 4,

    /// <summary>By the day on which the run began, in UTC.</summary>
    Day = 8,
}
