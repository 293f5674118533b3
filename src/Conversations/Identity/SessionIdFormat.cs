using System.Buffers;
using System.Globalization;
using System.Text;

namespace Conversations;

/// <summary>The one place that knows how scopes, owners and identities are written, and reads them back.</summary>
/// <remarks>
/// <code>
/// session  = channel ":" owner ":" agent ["@" project]      no project: the default one
/// channel  = text | "*"                                      "*": shared by all channels
/// owner    = [user_id] fields | "*" within | "#" thread within
/// fields   = { ";" name "=" value }                          sorted by name, user_id left out
/// within   = { ";" name ["=" value] }                        sorted by name; no value: the caller has none
/// </code>
/// Every character with a meaning, and every control character, is written as % and two hexadecimal digits within a text;
/// nothing else is changed, so that no two texts look the same and what is readable stays readable.
/// </remarks>
internal static class SessionIdFormat
{
    private const char Any = '*';

    // '/' and white space are left alone: they have no meaning here, and people use them in names.
    private static readonly SearchValues<char> Escaped = SearchValues.Create(
        [':', ';', '=', '#', '*', '@', '%', .. Enumerable.Range(0, 0x100).Select(code => (char)code).Where(char.IsControl)]);

    public static string Identity(IReadOnlyDictionary<string, string> fields)
    {
        var text = new StringBuilder();
        if (fields.TryGetValue(IdentityFields.UserId, out var user))
            Append(text, user);
        if (user is not null && fields.Count == 1)
            return text.ToString();

        foreach (var (name, value) in fields.OrderBy(field => field.Key, StringComparer.Ordinal))
        {
            if (!string.Equals(name, IdentityFields.UserId, StringComparison.Ordinal))
                AppendField(text, name, value);
        }

        return text.ToString();
    }

    public static string Shared(string? thread, IReadOnlyDictionary<string, string?> within)
    {
        var text = new StringBuilder();
        if (thread is null)
            text.Append(Any);
        else
            Append(text.Append('#'), thread);
        foreach (var (name, value) in within.OrderBy(field => field.Key, StringComparer.Ordinal))
            AppendField(text, name, value);

        return text.ToString();
    }

    public static string Write(ConversationScope scope)
    {
        // Every request makes one, and most have nothing to escape.
        var channel = scope.Channel is null ? "*" : Escape(scope.Channel);
        return string.Equals(scope.Project, ConversationScope.DefaultProject, StringComparison.Ordinal)
            ? $"{channel}:{scope.Owner.Audience}:{Escape(scope.Agent)}"
            : $"{channel}:{scope.Owner.Audience}:{Escape(scope.Agent)}@{Escape(scope.Project)}";
    }

    private static string Escape(string text)
    {
        if (!text.AsSpan().ContainsAny(Escaped))
            return text;

        var escaped = new StringBuilder();
        Append(escaped, text);
        return escaped.ToString();
    }

    /// <summary>Reads a session id; <see langword="null"/> if it is none, or not in the one spelling that <see cref="Write"/> has for it.</summary>
    public static ConversationScope? Read(string sessionId)
    {
        var sections = sessionId.Split(':');
        if (sections.Length != 3)
            return null;

        var agent = sections[2].Split('@');
        if (agent.Length > 2)
            return null;

        try
        {
            var scope = new ConversationScope(
                agent.Length == 2 ? Unescape(agent[1]) : ConversationScope.DefaultProject,
                Unescape(agent[0]),
                ReadOwner(sections[1].Split(';')),
                sections[0] is "*" ? null : Unescape(sections[0]));
            return string.Equals(scope.SessionId, sessionId, StringComparison.Ordinal) ? scope : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads an identity's key; <see langword="null"/> if it is none.</summary>
    public static ConversationIdentity? ReadIdentity(string key)
    {
        try
        {
            return ReadOwner(key.Split(';')).Identity is { } identity && string.Equals(identity.Key, key, StringComparison.Ordinal) ? identity : null;
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            return null;
        }
    }

    private static ConversationOwner ReadOwner(string[] pieces)
    {
        var head = pieces[0];
        var fields = pieces.Skip(1).Select(piece => piece.Split('=', 2)).ToList();
        if (head is "*" || head.StartsWith('#'))
        {
            var within = new Dictionary<string, string?>(StringComparer.Ordinal);
            foreach (var field in fields)
            {
                within.Add(
                    WellFormed.Key(Unescape(field[0]), nameof(pieces)),
                    field.Length == 2 ? WellFormed.Key(Unescape(field[1]), nameof(pieces)) : null);
            }

            return ConversationOwner.Shared(head is "*" ? null : WellFormed.Key(Unescape(head[1..]), nameof(pieces)), within);
        }

        var identity = new List<KeyValuePair<string, string>>();
        if (head.Length > 0)
            identity.Add(new(IdentityFields.UserId, Unescape(head)));
        foreach (var field in fields)
            identity.Add(new(Unescape(field[0]), field.Length == 2 ? Unescape(field[1]) : ""));

        return ConversationOwner.Of(ConversationIdentity.FromFields(identity));
    }

    private static void AppendField(StringBuilder text, string name, string? value)
    {
        Append(text.Append(';'), name);
        if (value is not null)
            Append(text.Append('='), value);
    }

    private static void Append(StringBuilder text, string value)
    {
        var rest = value.AsSpan();
        while (rest.IndexOfAny(Escaped) is var next and >= 0)
        {
            text.Append(rest[..next]).Append(CultureInfo.InvariantCulture, $"%{(int)rest[next]:X2}");
            rest = rest[(next + 1)..];
        }

        text.Append(rest);
    }

    private static string Unescape(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
            return text;

        var value = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                value.Append(text[i]);
            }
            else if (i + 2 < text.Length && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code))
            {
                value.Append((char)code);
                i += 2;
            }
            else
            {
                throw new FormatException("A % is not followed by two hexadecimal digits.");
            }
        }

        return value.ToString();
    }
}
