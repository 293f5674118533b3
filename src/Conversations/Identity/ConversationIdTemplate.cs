using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;

namespace Conversations;

/// <summary>Makes the thread key of a conversation from a record: <c>{record.company}</c>, or <c>order/{record.customer.primary_contact.email}</c>.</summary>
/// <remarks>
/// <para>In braces stands a path of names, and around it any text; a brace of the text is doubled. The names are those of a dictionary's entries, of JSON's
/// properties, or of an object's public properties, compared exactly; a property <c>PrimaryContact</c> is also found as <c>primary_contact</c>.
/// Of a list the first element counts. At the end of a path stands a text, a number, a truth value, a date or time, a <see cref="Guid"/>, a <see cref="Uri"/> or the name of an enum's value.</para>
/// <para>Two records that differ in any value never get the same key of one template. The last value stands in the key as it is, so that <c>{record.company}</c> is
/// just the company. In a value before it, <c>%</c> and the character that follows the placeholder are written as % and hexadecimal digits, and where no text divides two
/// placeholders, or it begins with %, a <c>|</c> does. Values are the same if their texts are: the number 1 and the text "1" are, 1 and 1.0 are not.
/// Keys of two templates can meet: where an agent has several, begin each with a text that says what it is of.</para>
/// <para>Immutable, so safe from any thread.</para>
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

    /// <summary>Reads a template, so that a mistake in it is found at start-up.</summary>
    /// <param name="template">The template; at least one placeholder, since without one all records would share a key.</param>
    /// <returns>The template, to be kept and resolved for each record.</returns>
    /// <exception cref="FormatException">It is not a template. The message tells the column, counted from 1, and what is wrong there.</exception>
    public static ConversationIdTemplate Parse(string template)
    {
        ArgumentNullException.ThrowIfNull(template);
        return new ConversationIdTemplate(template);
    }

    /// <summary>Makes the key from any object, such as <c>new { record }</c>; what is in it may be objects, dictionaries and JSON in any mixture.</summary>
    /// <param name="values">What the paths begin at.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or nothing that can stand in a key; it names the path.</exception>
    [RequiresUnreferencedCode("The properties of objects are read by reflection, and trimming may have removed them. Pass a dictionary or a JsonElement.")]
    public string Resolve(object values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Resolve(values, ObjectProperties.Read);
    }

    /// <summary>Makes the key from a dictionary of values, dictionaries, lists and JSON. Objects in it are refused, so that it is safe in trimmed programs.</summary>
    /// <param name="values">What the paths begin at.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or nothing that can stand in a key; it names the path.</exception>
    public string Resolve(IReadOnlyDictionary<string, object?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Resolve(values, readProperty: null);
    }

    /// <summary>Makes the key from JSON. Safe in trimmed programs.</summary>
    /// <param name="values">What the paths begin at.</param>
    /// <returns>The key, for <see cref="TurnRequest"/>'s <c>Thread</c>.</returns>
    /// <exception cref="TemplateUnresolvedException">A value is missing, <see langword="null"/>, blank or nothing that can stand in a key; it names the path.</exception>
    public string Resolve(JsonElement values) => Resolve(values, readProperty: null);

    /// <summary>The template as it was read.</summary>
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
