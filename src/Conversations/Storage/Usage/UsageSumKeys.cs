namespace Conversations.Storage;

/// <summary>By what runs are grouped where they are added up; any of them together.</summary>
[Flags]
public enum UsageSumKeys
{
    /// <summary>By nothing: all are one group.</summary>
    None = 0,

    /// <summary>By the conversation.</summary>
    Conversation = 1,

    /// <summary>By the agent of the conversation.</summary>
    Agent = 2,

    /// <summary>By who asked.</summary>
    Caller = 4,

    /// <summary>By the day on which the run began, in UTC.</summary>
    Day = 8,
}
