namespace Conversations.Storage;

/// <summary>Reads and binds rows of conversations, each with its open run.</summary>
internal static class ConversationRow
{
    /// <summary>The column after those of the conversation, where the columns of the scope begin in a list.</summary>
    public const int AfterConversation = 14;

    /// <summary>The column after those of the state.</summary>
    public const int AfterState = 32;

    private const int FirstOfOpenRun = 19;

    private const int MetadataColumn = 13;

    public static long Key(SqliteStatement row) => row.Int64(0);

    public static long Scope(SqliteStatement row) => row.Int64(1);

    public static Conversation ReadConversation(SqliteStatement row, ScopeFields scope) => new()
    {
        Id = row.Text(2),
        SessionId = scope.SessionId,
        Project = scope.Project,
        Agent = scope.Agent,
        Channel = scope.Channel,
        UserId = scope.UserId,
        Thread = scope.Thread,
        Status = RowValues.Defined((ConversationStatus)row.Int64(3)),
        MessageCount = row.Int64(4),
        LastPosition = row.Int64(5),
        CreatedAt = RowValues.Time(row.Int64(6)),
        LastActivityAt = RowValues.Time(row.Int64(7)),
        LastMessageAt = RowValues.OptionalTime(row.OptionalInt64(8)),
        EndedAt = RowValues.OptionalTime(row.OptionalInt64(9)),
        Title = row.OptionalText(10),
        ForkedFrom = row.OptionalText(11),
        LastRunStatus = row.OptionalInt64(12) is { } status ? RowValues.Defined((RunStatus)status) : null,
        Metadata = Metadata(row),
    };

    public static string? Metadata(SqliteStatement row) => row.OptionalText(MetadataColumn);

    public static StoredConversation Read(SqliteStatement row, ScopeFields scope)
    {
        var conversation = ReadConversation(row, scope);
        return new StoredConversation
        {
            Conversation = conversation,
            Version = row.Int64(AfterConversation),
            HistoryRevision = row.Int64(AfterConversation + 1),
            LastRun = row.Int64(AfterConversation + 2),
            WindowStart = row.Int64(AfterConversation + 3),
            LastFailedRun = row.Int64(AfterConversation + 4),
            OpenRun = ReadOpenRun(row, conversation.Id),
        };
    }

    public static OpenRun? ReadOpenRun(SqliteStatement row, string conversationId)
    {
        if (row.IsNull(FirstOfOpenRun))
            return null;

        var text = row.OptionalText(FirstOfOpenRun + 12) is { } json ? OpenRunText.Read(json) : null;
        return new OpenRun
        {
            Run = text?.Run ?? new ConversationRun
            {
                ConversationId = conversationId,
                Number = row.Int64(FirstOfOpenRun),
                Status = RunStatus.Running,
                Caller = row.OptionalText(FirstOfOpenRun + 4),
                IdempotencyKey = row.OptionalText(FirstOfOpenRun + 5),
                InputPosition = row.Int64(FirstOfOpenRun + 7),
                InputCount = (int)row.Int64(FirstOfOpenRun + 8),
                StartedAt = RowValues.Time(row.Int64(FirstOfOpenRun + 9)),
            },
            Fingerprint = row.OptionalText(FirstOfOpenRun + 6),
            Token = row.Int64(FirstOfOpenRun + 1),
            LeaseExpiresAt = RowValues.Time(row.Int64(FirstOfOpenRun + 2)),
            LeaseDuration = new TimeSpan(row.Int64(FirstOfOpenRun + 3)),
            IsStopRequested = text is { IsStopRequested: true },
            OnInterruption = RowValues.Defined((InterruptedOutput)row.Int64(FirstOfOpenRun + 10)),
            SegmentRetention = new TimeSpan(row.Int64(FirstOfOpenRun + 11)),
        };
    }

    /// <summary>Binds the values that an update and an insert have in common, ?2 to ?30.</summary>
    public static void Bind(SqliteStatement row, StoredConversation target, long usedPosition)
    {
        var conversation = target.Conversation;
        row.Bind(2, target.Version + 1);
        row.Bind(3, target.HistoryRevision);
        row.Bind(4, (long)conversation.Status);
        row.Bind(5, conversation.MessageCount);
        row.Bind(6, conversation.LastPosition);
        row.Bind(7, usedPosition);
        row.Bind(8, conversation.CreatedAt.UtcTicks);
        row.Bind(9, conversation.LastMessageAt?.UtcTicks);
        row.Bind(10, conversation.EndedAt?.UtcTicks);
        row.Bind(11, target.LastRun);
        row.Bind(12, conversation.Title);
        row.Bind(13, conversation.ForkedFrom);
        row.Bind(27, (long?)conversation.LastRunStatus);
        row.Bind(28, target.WindowStart);
        row.Bind(29, target.LastFailedRun);
        row.Bind(30, conversation.Metadata);
        if (target.OpenRun is { } open)
            Bind(row, open);
    }

    private static void Bind(SqliteStatement row, OpenRun open)
    {
        var run = open.Run;
        row.Bind(14, run.Number);
        row.Bind(15, open.Token);
        row.Bind(16, open.LeaseExpiresAt.UtcTicks);
        row.Bind(17, open.LeaseDuration.Ticks);
        row.Bind(18, run.Caller);
        row.Bind(19, run.IdempotencyKey);
        row.Bind(20, open.Fingerprint);
        row.Bind(21, run.InputPosition);
        row.Bind(22, run.InputCount);
        row.Bind(23, run.StartedAt.UtcTicks);
        row.Bind(24, (long)open.OnInterruption);
        row.Bind(25, open.SegmentRetention.Ticks);
        row.Bind(26, OpenRunText.WriteUnlessPlain(open));
    }
}
