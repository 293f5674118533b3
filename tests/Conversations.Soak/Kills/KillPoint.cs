namespace Conversations.Soak.Kills;

/// <summary>Where a child process kills itself.</summary>
internal enum KillPoint
{
    BeforeBegin,
    WithinBegin,
    AfterBegin,

    /// <summary>The agent has added a part of its answer.</summary>
    MidTurn,

    /// <summary>Rows of a stream's segments are changed.</summary>
    WithinStream,

    /// <summary>Segments are saved, and more is still to come.</summary>
    MidStream,
    BeforeCommit,

    /// <summary>Rows of the commit are changed, none is written to the log.</summary>
    WithinCommit,

    /// <summary>Some microseconds after SQLite has begun to write the commit to its log.</summary>
    InCommitsLog,

    /// <summary>The turn is committed, and the caller did not get the result.</summary>
    AfterCommit,

    /// <summary>The summarizer runs.</summary>
    MidSummary,
    BeforeSummary,
    WithinSummary,
    AfterSummary,
    BeforeDeletion,
    WithinDeletion,
    AfterDeletion,

    /// <summary>A part of a long conversation is written.</summary>
    WithinCreation,

    /// <summary>A long conversation is deleted, and some of its rows are removed.</summary>
    WithinRemoval,
}
