namespace Conversations.Soak.Checking;

/// <summary>What can be wrong with the content of a store.</summary>
internal enum FindingKind
{
    /// <summary>A write is stored in part.</summary>
    Torn,

    /// <summary>A write that was acknowledged is missing.</summary>
    Lost,

    /// <summary>A write is stored twice, or a number was assigned twice.</summary>
    Doubled,

    /// <summary>A row is where it does not belong.</summary>
    Foreign,

    /// <summary>An answer that the store, or the library, should not have given.</summary>
    Wrong,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Finding(FindingKind Kind, string Text)
{
    public override string ToString() => $"{Kind}: {Text}";
}
