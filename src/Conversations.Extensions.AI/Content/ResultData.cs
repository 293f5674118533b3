using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The pictures, audio and files in the result of a function. Each is a part directly behind the result, kept and counted as any data, and the result has a mark in its place.</summary>
internal static class ResultData
{
    // Stored in databases, and never changes.
    private const string Mark = """{"$data":""";

    /// <summary>Takes the data out of a result. A sequence that is no list can be read once, so it remains as it is.</summary>
    /// <param name="result">The result, which is not changed.</param>
    /// <param name="write">Converts a content to a part.</param>
    /// <returns>The result with marks, and the data; the same instance if there are none.</returns>
    public static (FunctionResultContent Result, IReadOnlyList<DataPart> Data) Split(FunctionResultContent result, Func<AIContent, ContentPart> write)
    {
        var data = new List<DataPart>();
        object? rest = result.Result switch
        {
            AIContent item => Take(item),
            IReadOnlyList<AIContent> items => items.Select(Take).ToList(),
            _ => null,
        };
        return data.Count == 0 ? (result, data) : (new FunctionResultContent(result.CallId, rest)
        {
            Exception = result.Exception,
            Annotations = result.Annotations,
            AdditionalProperties = result.AdditionalProperties,
            RawRepresentation = result.RawRepresentation,
        }, data);

        AIContent Take(AIContent item)
        {
            if (item is not (DataContent or UnknownContent { Part: DataPart }) || write(item) is not DataPart part)
                return item;

            data.Add(part);
            return new UnknownContent($"{Mark}{ContentJson.Text(json => json.WriteStringValue(part.MediaType))}}}", typeName: null, isDamaged: false, part: null);
        }
    }

    /// <summary>Puts the data back into a result.</summary>
    /// <param name="result">The result.</param>
    /// <param name="parts">The parts of its message. Data that could not be loaded are a text.</param>
    /// <param name="next">The index of the part behind it.</param>
    /// <param name="read">Converts a part to a content.</param>
    /// <returns>The number of parts that belong to the result.</returns>
    public static int Join(FunctionResultContent result, IReadOnlyList<ContentPart> parts, int next, Func<ContentPart, AIContent> read)
    {
        var first = next;
        result.Result = result.Result switch
        {
            AIContent item => Put(item),
            List<AIContent> items => items.ConvertAll(Put),
            var other => other,
        };
        return next - first;

        AIContent Put(AIContent item) =>
            item is UnknownContent { Part: null } mark && mark.Json.StartsWith(Mark, StringComparison.Ordinal) && next < parts.Count && parts[next] is DataPart or TextPart ? read(parts[next++]) : item;
    }
}
