namespace Conversations;

/// <summary>An error that people shall see in the conversation. A message with one never goes to the model.</summary>
public sealed record ErrorPart : ContentPart
{
    private readonly string? _code;

    /// <summary>Makes an error.</summary>
    /// <param name="message">What went wrong, for people.</param>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is <see langword="null"/>.</exception>
    public ErrorPart(string message) => Message = WellFormed.Content(message, nameof(message));

    /// <summary>What went wrong, for people.</summary>
    public string Message { get; }

    /// <summary>What went wrong, for programs; <see langword="null"/> if not told.</summary>
    public string? Code
    {
        get => _code;
        init => _code = value is null ? null : WellFormed.Content(value, nameof(Code));
    }

    internal override MessageKind Kind => MessageKind.Error;
}
