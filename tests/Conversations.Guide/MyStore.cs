namespace Guide.ConversationsStoreSpecificationREADME;

/// <summary>The store that the page of the specification kit tests.</summary>
public sealed class MyStore(TimeProvider timeProvider) : DelegatingConversationStore(new InMemoryConversationStore(timeProvider));
