namespace Conversations;

/// <summary>x</summary>
public sealed class Dummy;
