using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>An error that is shown to people. A message with an error is never shown in prompts.</summary>
[JsonConverter(typeof(MessageJsonConverter))]
public sealed record ErrorPart : ContentPart
{
    private readonly string? _code;

    /// <summary>Initializes an error.</summary>
    /// <param name="message">The error, for people.</param>
    /// <exception cref="ArgumentNullException"><paramref name="message"/> is <see langword="null"/>.</exception>
    public ErrorPart(string message) => Message = WellFormed.Content(message, nameof(message));

    /// <summary>Gets the error, for people.</summary>
    public string Message { get; }

    /// <summary>Gets the error code; <see langword="null"/> if there is none.</summary>
    public string? Code
    {
        get => _code;
        init => _code = value is null ? null : WellFormed.Content(value, nameof(Code));
    }

    internal override MessageKind Kind => MessageKind.Error;
}
