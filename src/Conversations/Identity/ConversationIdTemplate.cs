using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>Creates the thread key of a conversation from a record: <c>{record.company}</c>, or <c>order/{record.customer.primary_contact.email}</c>.</summary>
/// <remarks>
/// <para>A placeholder is a path of names in braces. Other text is literal; braces in it are doubled. The names are those of a dictionary's entries, of JSON's
/// properties, or of an object's public properties, compared exactly; a property <c>PrimaryContact</c> is also found as <c>primary_contact</c>.
/// Of a list the first element counts. The value at the end of a path is a text, a number, a truth value, a date or time, a <see cref="Guid"/>, a <see cref="Uri"/> or the name of an enum's value.</para>
/// <para>Two records that differ in any value never get the same key of one template. The last value is part of the key unchanged, so that <c>{record.company}</c> is
/// just the company. In a value before it, <c>%</c> and the character that follows the placeholder are written as % and hexadecimal digits, and where no text divides two
/// placeholders, or it begins with %, a <c>|</c> does. Values are the same if their texts are: the number 1 and the text "1" are, 1 and 1.0 are not.
/// Keys of two templates can meet: where an agent has several, begin each with a text that says what it is of.</para>
/// <para>This type is immutable and thread-safe.</para>
/// </remarks>
public sealed class ConversationIdTemplate
{
    private readonly string _template;
    private readonly IReadOnlyList<TemplatePath> _paths;
    private readonly IReadOnlyList<string> _texts;

    private ConversationIdTemplate(string template)
    {
        _template = template;
        (_paths, _texts) = TemplateParser.Parse(template);
    }

    /// <summary>Parses a template. Parse it at start-up to detect errors early.</summary>
    /// <param name="template">The template; at least one placeholder, since without one all records would share a key.</param>
    /// <returns>The template. Reuse it for all records.</returns>
    /// <exception cref="FormatException">The text is not a valid template. The exception message states the column, counted from 1, and the problem.</exception>
    public static ConversationIdTemplate Parse(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new ConversationIdTemplate(template);
    }

    /// <summary>Creates the key from any object, such as <c>new { record }</c>. It can contain objects, dictionaries and JSON.</summary>
    /// <param name="values">The root of the paths.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or not valid in a key. The exception states the path.</exception>
    [RequiresUnreferencedCode("The properties of objects are read by reflection, and trimming may have removed them. Pass a dictionary or a JsonElement.")]
    public string Resolve(object values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Resolve(values, ObjectProperties.Read);
    }

    /// <summary>Creates the key from a dictionary of values, dictionaries, lists and JSON. Objects are rejected, so that the method is safe in trimmed programs.</summary>
    /// <param name="values">The root of the paths.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or not valid in a key. The exception states the path.</exception>
    public string Resolve(IReadOnlyDictionary<string, object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Resolve(values, readProperty: null);
    }

    /// <summary>Creates the key from JSON. This method is safe in trimmed programs.</summary>
    /// <param name="values">The root of the paths.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or not valid in a key. The exception states the path.</exception>
    public string Resolve(JsonElement values) => Resolve(values, readProperty: null);

    /// <summary>Returns the template text.</summary>
    /// <returns>The template.</returns>
    public override string ToString() => _template;

    private string Resolve(object values, ReadProperty? readProperty)
    {
        var key = new StringBuilder(_texts[0]);
        for (var i = 0; i < _paths.Count; i++)
        {
            var value = _paths[i].Read(values, readProperty);
            var text = _texts[i + 1];
            if (i < _paths.Count - 1)
                KeyValueEscape.Append(key, value, end: Rune.GetRuneAt(text, 0));
            else
                key.Append(value);
            key.Append(text);
        }

        return key.ToString();
    }
}
