namespace Conversations;

/// <summary>Specifies what to do if the provider keeps conversations itself, which an id in its response shows.</summary>
public enum ProviderHistory
{
    /// <summary>The id is removed and never sent back, so that each prompt is the window of the stored conversation and nothing else. The copy of the provider remains.</summary>
    Ignore,

    /// <summary>The turn fails with an <see cref="InvalidOperationException"/>, for hosts that must prevent copies. The answer is kept and marked partial, and not returned to the caller.</summary>
    Refuse,
}
