namespace Guide;

/// <summary>The app's service that knows the user of the current request.</summary>
internal sealed class CurrentUser
{
    public ConversationIdentity? Identity { get; } = ConversationIdentity.ForUser("user_123");
}
