namespace Conversations.Benchmarks.Workloads;

/// <summary>The columns of a conversation that the store reads, for bare statements that read the same.</summary>
internal static class ConversationColumns
{
    public const string Select = """
        SELECT c.id, s.session_id, s.project, s.agent, s.channel, s.user_id, s.thread, c.title, c.status,
               c.message_count, c.last_position, c.created_at, c.last_activity_at, c.last_message_at, c.ended_at, c.forked_from
        """;

    public const string Kinds = "ttttTTTTnnnnnNNT";
}
