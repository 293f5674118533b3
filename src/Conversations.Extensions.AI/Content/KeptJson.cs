using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The JSON of an annotation whose type is unknown, by which it is written again.</summary>
internal sealed class KeptJson(string json)
{
    public string Json { get; } = json;
}

/// <summary>A region of an unknown type.</summary>
internal sealed class UnknownRegion(string json) : AnnotatedRegion
{
    public string Json { get; } = json;
}
