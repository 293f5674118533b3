using System.Collections;

namespace Conversations;

/// <summary>The parts of a message. Windows hold many messages, and most have one part, which needs no array.</summary>
internal sealed class PartList : IReadOnlyList<ContentPart>
{
    // A part, or an array of several.
    private readonly object _content;

    /// <summary>Initializes a list of one part.</summary>
    public PartList(ContentPart only) => _content = only;

    private PartList(ContentPart[] several) => _content = several;

    /// <summary>Returns a copy of a list, or the list itself if it is of this type and therefore immutable.</summary>
    public static PartList Of(IEnumerable<ContentPart> parts)
    {
        if (parts is PartList list)
            return list;

        ContentPart[] copy = [.. parts];
        return copy is [{ } only] ? new PartList(only) : new PartList(copy);
    }

    public int Count => _content is ContentPart[] several ? several.Length : 1;

    public ContentPart this[int index] =>
        _content is ContentPart[] several ? several[index]
        : index == 0 ? (ContentPart)_content
        : throw new ArgumentOutOfRangeException(nameof(index));

    public IEnumerator<ContentPart> GetEnumerator()
    {
        for (var i = 0; i < Count; i++)
            yield return this[i];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
