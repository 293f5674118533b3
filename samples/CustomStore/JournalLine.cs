using System.Text.Json.Serialization;

namespace CustomStore;

/// <summary>One whole operation, decided: the rows as they are after it. To read the journal is to put them in their places again, in order.</summary>
/// <param name="Operation">What was done, for those who read the file.</param>
internal sealed record JournalLine(string Operation)
{
    public ConversationRow[]? Conversations { get; init; }

    public RunRow[]? Runs { get; init; }

    public MessageRow[]? Messages { get; init; }

    /// <summary>The conversation that its scope points to from now on.</summary>
    public string? Current { get; init; }

    public string? DeletedConversation { get; init; }

    /// <summary>The position of a message of the one conversation in <see cref="Conversations"/>.</summary>
    public long? DeletedMessage { get; init; }
}

/// <summary>What an operation answers, and what it writes; nothing if it changes nothing.</summary>
internal readonly record struct Decision<T>(T Result, JournalLine? Line = null);

/// <summary>How a line is written and read. What is missing or unknown is damage: a property left out in silence would be data lost.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true,
    RespectNullableAnnotations = true,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(JournalLine))]
internal sealed partial class JournalJson : JsonSerializerContext;
