using System.Buffers;
using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>Reads a template into its paths and the texts around them, of which there is one more.</summary>
internal sealed class TemplateParser
{
    /// <summary>Separates two values without text between them, or with text that could be an escape.</summary>
    private const char Divider = '|';

    private readonly string _template;
    private readonly List<TemplatePath> _paths = [];
    private readonly List<string> _texts = [];
    private readonly StringBuilder _text = new();
    private int _at;

    private TemplateParser(string template) => _template = template;

    /// <summary>Reads a template.</summary>
    /// <exception cref="FormatException">The text is not a valid template. The exception message states the column.</exception>
    public static (IReadOnlyList<TemplatePath> Paths, IReadOnlyList<string> Texts) Parse(string template)
    {
        var parser = new TemplateParser(template);
        parser.Read();
        return (parser._paths, parser._texts);
    }

    private void Read()
    {
        while (_at < _template.Length)
        {
            var current = _template[_at];
            if (current is '{' or '}' && _at + 1 < _template.Length && _template[_at + 1] == current)
            {
                _text.Append(current);
                _at += 2;
            }
            else if (current == '{')
            {
                ReadPlaceholder();
            }
            else if (current == '}')
            {
                throw Error(_at, "a '}' closes nothing; as a text it is doubled");
            }
            else
            {
                _text.Append(ReadRune());
            }
        }

        if (_paths.Count == 0)
            throw Error(0, "the template has no placeholder, so that all records would share one key");

        _texts.Add(_text.ToString());
    }

    private void ReadPlaceholder()
    {
        var end = _template.IndexOf('}', _at);
        if (end < 0)
            throw Error(_at, "a '{' is not closed; as a text it is doubled");

        EndText();
        var start = ++_at;
        var names = new List<string>();
        while (_at <= end)
        {
            if (_template[_at] is not ('.' or '}'))
            {
                ReadNameRune();
                continue;
            }

            if (_at == start)
                throw Error(_at, "a name is missing");
            names.Add(_template[start.._at]);
            start = ++_at;
        }

        _paths.Add(new TemplatePath(names));
    }

    private void EndText()
    {
        if (_paths.Count > 0 && (_text.Length == 0 || _text[0] == KeyValueEscape.Mark))
            _text.Insert(0, Divider);
        _texts.Add(_text.ToString());
        _text.Clear();
    }

    // What else a path might hold one day (an index, a format, a default) is refused rather than taken for a name.
    private void ReadNameRune()
    {
        var at = _at;
        var rune = ReadRune();
        var isMark = Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
        if (!Rune.IsLetterOrDigit(rune) && !isMark && rune.Value is not ('_' or '-' or '$' or '@'))
            throw Error(at, "a name holds something else than letters, digits, '_', '-', '$' and '@'");
    }

    private Rune ReadRune()
    {
        if (_template[_at] == '\0')
            throw Error(_at, "there is a NUL character");
        if (Rune.DecodeFromUtf16(_template.AsSpan(_at), out var rune, out var length) != OperationStatus.Done)
            throw Error(_at, "an unpaired surrogate is not well-formed UTF-16");

        _at += length;
        return rune;
    }

    private FormatException Error(int at, string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The template '{WellFormed.Quote(_template)}' is wrong at column {at + 1}: {problem}."));
}
