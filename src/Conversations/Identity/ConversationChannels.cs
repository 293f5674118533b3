namespace Conversations;

/// <summary>The usual names of channels. Any other name may be used, too.</summary>
public static class ConversationChannels
{
    /// <summary>A chat; the default.</summary>
    public const string Chat = "chat";

    /// <summary>A call of an API.</summary>
    public const string Api = "api";

    /// <summary>A scheduled trigger.</summary>
    public const string Schedule = "schedule";

    /// <summary>An event of a record or document.</summary>
    public const string DocumentEvent = "doc_event";
}
