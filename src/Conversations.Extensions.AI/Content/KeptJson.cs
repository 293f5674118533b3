using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The JSON of an annotation of an unknown type, from which it is written back.</summary>
internal sealed class KeptJson(string json)
{
    public string Json { get; } = json;
}

/// <summary>A region of an unknown type.</summary>
internal sealed class UnknownRegion(string json) : AnnotatedRegion
{
    public string Json { get; } = json;
}
