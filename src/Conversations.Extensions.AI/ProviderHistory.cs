namespace Conversations;

/// <summary>What is done about a provider that keeps conversations itself and says so by an id in its response.</summary>
public enum ProviderHistory
{
    /// <summary>Its copy is left alone: its id is dropped and never sent back, so that each prompt is the window of our conversation and nothing else.</summary>
    Ignore,

    /// <summary>The turn fails with an <see cref="InvalidOperationException"/>, for hosts that must know of every copy. What it has answered is kept, marked partial, and the caller does not get it.</summary>
    Refuse,
}
