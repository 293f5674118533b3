using System.Globalization;

namespace Conversations.Storage;

/// <summary>Reads and writes rows of closed runs.</summary>
internal static class RunRow
{
    public static StoredRun Read(SqliteStatement row, string conversationId) => new()
    {
        Run = new ConversationRun
        {
            ConversationId = conversationId,
            Number = row.Int64(0),
            Status = RowValues.Defined((RunStatus)row.Int64(1)),
            Caller = row.OptionalText(2),
            Model = row.OptionalText(3),
            FinishReason = row.OptionalText(4),
            Error = row.OptionalText(5),
            IdempotencyKey = row.OptionalText(6),
            Usage = RowValues.OptionalUsage(row, 8, 27),
            Cost = RowValues.OptionalDecimal(row.OptionalText(11)),
            PromptTokens = row.OptionalInt64(12),
            HistoryTokens = row.OptionalInt64(13),
            IsOnExistingInput = row.Int64(23) != 0,
            InputPosition = row.Int64(14),
            InputCount = (int)row.Int64(15),
            OutputPosition = row.Int64(16),
            OutputCount = (int)row.Int64(17),
            StartedAt = RowValues.Time(row.Int64(18)),
            EndedAt = RowValues.OptionalTime(row.OptionalInt64(19)),
            SupersededBy = row.OptionalInt64(22),
            Kind = RowValues.Defined((RunKind)row.Int64(24)),
            WindowStart = row.OptionalInt64(25),
            ReplacedPosition = row.OptionalInt64(26),
            UsageByModel = UsageByModelText.Read(row.OptionalText(29)),
        },
        Fingerprint = row.OptionalText(7),
        SupersededFrom = row.OptionalInt64(20),
        SegmentsExpireAt = RowValues.OptionalTime(row.OptionalInt64(21)),
    };

    public static void Write(SqliteSession session, long conversation, StoredRun stored)
    {
        var run = stored.Run;
        using var row = session.Use(SqliteStatements.WriteRun);
        row.Bind(1, RowValues.Key(conversation, run.Number));
        row.Bind(2, (long)run.Status);
        row.Bind(3, run.Caller);
        row.Bind(4, run.Model);
        row.Bind(5, run.FinishReason);
        row.Bind(6, run.Error);
        row.Bind(7, run.IdempotencyKey);
        row.Bind(8, stored.Fingerprint);
        row.Bind(9, run.Usage?.InputTokens);
        row.Bind(10, run.Usage?.OutputTokens);
        row.Bind(11, run.Usage?.CachedInputTokens);
        row.Bind(12, run.Cost?.ToString(CultureInfo.InvariantCulture));
        row.Bind(13, run.PromptTokens);
        row.Bind(14, run.HistoryTokens);
        row.Bind(15, run.InputPosition);
        row.Bind(16, run.InputCount);
        row.Bind(17, run.OutputPosition);
        row.Bind(18, run.OutputCount);
        row.Bind(19, run.StartedAt.UtcTicks);
        row.Bind(20, run.EndedAt?.UtcTicks);
        row.Bind(21, stored.SupersededFrom);
        row.Bind(22, stored.SegmentsExpireAt?.UtcTicks);
        row.Bind(23, run.SupersededBy);
        row.Bind(24, run.IsOnExistingInput ? 1L : 0L);
        row.Bind(25, (long)run.Kind);
        row.Bind(26, run.WindowStart);
        row.Bind(27, run.ReplacedPosition);
        row.Bind(28, run.Usage?.CacheWriteInputTokens);
        row.Bind(29, run.Usage?.ReasoningTokens);
        row.Bind(30, UsageByModelText.Write(run.UsageByModel));
        row.Run();
    }
}
