using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Identity;

/// <summary>Two records that differ get two keys, whatever the template and the values. The seed is fixed, so that a failure comes again.</summary>
public sealed class TemplateProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(5_000).WithReplay(20260102, 13).WithQuietOnSuccess(true);

    // The second and third emoji share their first half; 25 and 7C are digits of escapes.
    private static readonly string[] Pieces = ["%", "%25", "%7C", "|", "-", "2", "5", "25", "7C", "a", "/", " ", "{", "}", "\"", "\\", "é", "e\u0301", "😀", "😁", "\uFFFF"];

    private static readonly Gen<string> Text = Gen.Frequency(
        (3, Gen.Constant("")),
        (6, Gen.Elements(Pieces)),
        (2, Joined(3)));

    private static readonly Gen<string> Value = Gen.Frequency((3, Joined(2)), (3, Joined(5)), (1, HostileText.Any)).Select(NotBlank);

    private static readonly Gen<(string[] Texts, string[] One, string[] Other)> Records =
        from count in Gen.Choose(1, 4)
        from texts in Text.ArrayOf(count + 1)
        from one in Value.ArrayOf(count)
        from stranger in Value.ArrayOf(count)
        from reread in Split(Key(texts, one), texts)
        from moved in Split(string.Join(texts[count / 2], one), texts)
        from other in Gen.Elements(stranger, reread, reread, moved, one)
        select (texts, one, other);

    [Fact]
    public void Keys_of_a_template_are_the_same_only_if_all_values_are()
    {
        Prop.ForAll(Records.ToArbitrary(), sample =>
            string.Equals(Key(sample.Texts, sample.One), Key(sample.Texts, sample.Other), StringComparison.Ordinal) == sample.One.SequenceEqual(sample.Other))
            .Check(Runs);
    }

    [Fact]
    public void Keys_are_the_same_from_an_object_a_dictionary_and_JSON_and_may_be_a_thread()
    {
        Prop.ForAll(Records.ToArbitrary(), sample =>
        {
            var template = Template(sample.Texts);
            var values = Values(sample.One);
            var json = JsonElement.Parse(JsonSerializer.Serialize(values));

            var key = template.Resolve(values);

            return string.Equals(template.Resolve((object)values), key, StringComparison.Ordinal)
                && string.Equals(template.Resolve(json), key, StringComparison.Ordinal)
                && string.Equals(new TurnRequest("agent", "text") { Thread = key }.Thread, key, StringComparison.Ordinal);
        }).Check(Runs);
    }

    [Fact]
    public void Single_value_is_in_the_key_unchanged()
    {
        Prop.ForAll(Value.ToArbitrary(), value => string.Equals(Key(["", ""], [value]), value, StringComparison.Ordinal)).Check(Runs);
    }

    [Fact]
    public void Plain_values_are_in_the_key_unchanged()
    {
        var key = ConversationIdTemplate.Parse("{a}/{b}/{c}").Resolve(new { a = "O'Brien & Co. 7", b = "ada.b+c@acme.example", c = "a/b%" });

        key.Should().Be("O'Brien & Co. 7/ada.b+c@acme.example/a/b%");
    }

    [Theory]
    [InlineData("{a}-{b}", "x-y", "z", "x%2Dy-z")]
    [InlineData("{a}-{b}", "x", "y-z", "x-y-z")]
    [InlineData("{a}-{b}", "5%", "z", "5%25-z")]
    [InlineData("{a}{b}", "ab", "c", "ab|c")]
    [InlineData("{a}{b}", "a", "bc", "a|bc")]
    [InlineData("{a}%{b}", "a", "b", "a|%b")]
    [InlineData("{a}😀{b}", "x😀😁", "y", "x%F0%9F%98%80😁😀y")]
    public void Ambiguous_values_are_escaped(string template, string a, string b, string key)
    {
        ConversationIdTemplate.Parse(template).Resolve(new { a, b }).Should().Be(key);
    }

    [Theory]
    [InlineData("{a}{b}")]
    [InlineData("{a}%{b}")]
    [InlineData("{a}%25{b}")]
    [InlineData("{a}|{b}")]
    [InlineData("{a}2{b}")]
    [InlineData("{a}5%{b}2")]
    [InlineData("%{a}-{b}%")]
    public void Keys_of_all_short_texts_are_distinct(string template)
    {
        string[] letters = ["%", "|", "2", "5", "25", "7C", "-"];
        var texts = letters
            .Concat(from one in letters from other in letters select one + other)
            .Concat(from one in letters from other in letters from last in letters select one + other + last)
            .Distinct(StringComparer.Ordinal)
            .ToList();
        var parsed = ConversationIdTemplate.Parse(template);

        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var a in texts)
        {
            foreach (var b in texts)
                keys.Add(parsed.Resolve(new Dictionary<string, object?> { ["a"] = a, ["b"] = b }));
        }

        keys.Should().HaveCount(texts.Count * texts.Count);
    }

    [Fact]
    public void Generator_makes_equal_and_different_records()
    {
        var same = 0;

        Prop.ForAll(Records.ToArbitrary(), sample => same += sample.One.SequenceEqual(sample.Other) ? 1 : 0).Check(Runs);

        same.Should().BeInRange(500, 4_500);
    }

    private static ConversationIdTemplate Template(string[] texts)
    {
        var template = new StringBuilder();
        for (var i = 0; i < texts.Length; i++)
        {
            template.Append(texts[i].Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
            if (i < texts.Length - 1)
                template.Append(CultureInfo.InvariantCulture, $"{{v{i}}}");
        }

        return ConversationIdTemplate.Parse(template.ToString());
    }

    private static Dictionary<string, object?> Values(string[] values) =>
        values.Index().ToDictionary(value => $"v{value.Index}", value => (object?)value.Item, StringComparer.Ordinal);

    private static string Key(string[] texts, string[] values) => Template(texts).Resolve(Values(values));

    /// <summary>Texts that a careless parser could take for the values: the key, cut at places that break no character, without the template's texts at a cut.</summary>
    private static Gen<string[]> Split(string key, string[] texts) =>
        from places in Gen.Choose(0, key.Length).ArrayOf(texts.Length - 2)
        let cuts = places.Select(place => place > 0 && place < key.Length && char.IsLowSurrogate(key[place]) ? place - 1 : place).Order().Prepend(0).Append(key.Length).ToList()
        select texts.SkipLast(1).Select((text, at) => NotBlank(Without(text, key[cuts[at]..cuts[at + 1]]))).ToArray();

    private static string Without(string start, string text) => text.StartsWith(start, StringComparison.Ordinal) ? text[start.Length..] : text;

    private static Gen<string> Joined(int most) =>
        from count in Gen.Choose(1, most)
        from chosen in Gen.Elements(Pieces).ArrayOf(count)
        select string.Concat(chosen);

    private static string NotBlank(string text) => string.IsNullOrWhiteSpace(text) ? text + "x" : text;
}
