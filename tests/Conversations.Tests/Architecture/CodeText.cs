using System.Text;

namespace Conversations.Tests.Architecture;

/// <summary>The code of a C# file: comments and the contents of strings and characters are blanked, every line keeps its number.
/// The holes of an interpolated string are code and stay.</summary>
internal sealed class CodeText
{
    private readonly string _source;
    private readonly StringBuilder _code;
    private int _at;

    private CodeText(string source)
    {
        _source = source;
        _code = new StringBuilder(source.Length);
    }

    public static string Of(string source)
    {
        var text = new CodeText(source);
        text.ReadCode(endOfHole: null);
        return text._code.ToString();
    }

    private char Current => _source[_at];

    /// <summary>Reads code up to the end, or up to the braces that close the hole of an interpolated string.</summary>
    private void ReadCode(string? endOfHole)
    {
        var depth = 0;
        while (_at < _source.Length)
        {
            if (endOfHole is not null && depth == 0 && IsAt(endOfHole))
                return;

            if (IsAt("//"))
            {
                BlankUntil("\n", isPartOfIt: false);
            }
            else if (IsAt("/*"))
            {
                BlankUntil("*/", isPartOfIt: true);
            }
            else if (Current == '\'')
            {
                ReadQuoted('\'', dollars: 0, isVerbatim: false);
            }
            else if (StringStart() is { } start)
            {
                ReadString(start.Dollars, start.Quotes, start.IsVerbatim, start.Length);
            }
            else
            {
                depth += Current switch { '{' => 1, '}' => -1, _ => 0 };
                Keep();
            }
        }
    }

    private (int Dollars, int Quotes, bool IsVerbatim, int Length)? StringStart()
    {
        var next = _at;
        var dollars = 0;
        var isVerbatim = false;
        while (next < _source.Length && _source[next] is '$' or '@')
        {
            dollars += _source[next] == '$' ? 1 : 0;
            isVerbatim |= _source[next] == '@';
            next++;
        }

        var quotes = 0;
        while (next + quotes < _source.Length && _source[next + quotes] == '"')
            quotes++;
        if (quotes == 0)
            return null;

        // Two quotes are an empty string; three or more open a raw one.
        var opening = quotes >= 3 && !isVerbatim ? quotes : 1;
        return (dollars, opening, isVerbatim, next - _at + opening);
    }

    private void ReadString(int dollars, int quotes, bool isVerbatim, int length)
    {
        if (quotes == 1)
        {
            Blank(length - 1);
            ReadQuoted('"', dollars, isVerbatim);
            return;
        }

        Blank(length);
        var closing = new string('"', quotes);
        while (_at < _source.Length && !IsAt(closing))
        {
            if (dollars > 0 && IsAt(new string('{', dollars)))
                ReadHole(dollars);
            else
                Blank(1);
        }

        Blank(quotes);
    }

    private void ReadQuoted(char quote, int dollars, bool isVerbatim)
    {
        Blank(1);
        while (_at < _source.Length)
        {
            if (isVerbatim && IsAt("\"\""))
                Blank(2);
            else if (!isVerbatim && Current == '\\')
                Blank(2);
            else if (Current == quote)
                break;
            else if (dollars > 0 && (IsAt("{{") || IsAt("}}")))
                Blank(2);
            else if (dollars > 0 && Current == '{')
                ReadHole(1);
            else
                Blank(1);
        }

        Blank(1);
    }

    private void ReadHole(int braces)
    {
        Blank(braces);
        ReadCode(new string('}', braces));
        Blank(braces);
    }

    private bool IsAt(string text) => string.CompareOrdinal(_source, _at, text, 0, text.Length) == 0;

    private void BlankUntil(string end, bool isPartOfIt)
    {
        var found = _source.IndexOf(end, _at + 2, StringComparison.Ordinal);
        Blank(found < 0 ? _source.Length - _at : found - _at + (isPartOfIt ? end.Length : 0));
    }

    private void Blank(int count)
    {
        for (; count > 0 && _at < _source.Length; count--, _at++)
            _code.Append(Current == '\n' ? '\n' : ' ');
    }

    private void Keep() => _code.Append(_source[_at++]);
}
