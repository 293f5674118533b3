namespace Conversations.Soak.Checking;

/// <summary>What can be wrong with what stands in a store.</summary>
internal enum FindingKind
{
    /// <summary>A write is there in part.</summary>
    Torn,

    /// <summary>What was acknowledged is not there.</summary>
    Lost,

    /// <summary>What was written once is there twice, or a number was given twice.</summary>
    Doubled,

    /// <summary>Something stands where it does not belong.</summary>
    Foreign,

    /// <summary>An answer that the store, or the library, should not have given.</summary>
    Wrong,
}

/// <summary>One thing that is wrong.</summary>
internal sealed record Finding(FindingKind Kind, string Text)
{
    public override string ToString() => $"{Kind}: {Text}";
}
