using Conversations.Storage;

namespace Conversations.StoreSpecification.Tests.BrokenStores;

/// <summary>A right store that spoils texts on their way in.</summary>
public abstract class TextSpoilingStore(TimeProvider clock) : RewritingStore(clock)
{
    protected abstract string Spoil(string text);

    protected override ConversationMessage Written(ConversationMessage message) =>
        message.With(part => part is TextPart text ? new TextPart(Spoil(text.Text)) : part);
}

[Breaks("cuts text at a NUL", "9.1")]
public sealed class CutsTextAtNul(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Split('\0')[0];
}

[Breaks("cuts text after a megabyte", "9.1")]
public sealed class CutsTextAfterAMegabyte(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Length > 1 << 20 ? text[..(1 << 20)] : text;
}

[Breaks("replaces U+FFFD by a question mark", "9.1")]
public sealed class ReplacesReplacementCharacters(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Replace('\uFFFD', '?');
}

[Breaks("leaves out U+FFFF", "9.1")]
public sealed class LeavesOutNoncharacters(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Replace("\uFFFF", "", StringComparison.Ordinal);
}

[Breaks("leaves out a byte order mark at the beginning of a text", "9.1")]
public sealed class LeavesOutByteOrderMarks(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.TrimStart('\uFEFF');
}

[Breaks("replaces what is beyond the basic plane", "9.1")]
public sealed class ReplacesEmoji(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => string.Concat(text.EnumerateRunes().Select(rune => rune.IsBmp ? rune.ToString() : "?"));
}

[Breaks("trims text", "9.1")]
public sealed class TrimsText(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Trim();
}

[Breaks("writes the line ends of another system", "9.1")]
public sealed class ReplacesLineEnds(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.ReplaceLineEndings("\n");
}

[Breaks("composes characters", "9.1")]
public sealed class ComposesCharacters(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Replace("e\u0301", "\u00E9", StringComparison.Ordinal);
}

[Breaks("doubles quotes", "9.1")]
public sealed class DoublesQuotes(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.Replace("'", "''", StringComparison.Ordinal);
}

[Breaks("takes text that looks like its own JSON for parts", "9.1")]
public sealed class TakesTextForJson(TimeProvider clock) : TextSpoilingStore(clock)
{
    protected override string Spoil(string text) => text.StartsWith("[{", StringComparison.Ordinal) ? "x" : text;
}

[Breaks("cuts titles at a NUL", "9.1")]
public sealed class CutsTitlesAtNul(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { Title = conversation.Title?.Split('\0')[0] };
}

[Breaks("takes an empty title for none", "9.1")]
public sealed class TakesAnEmptyTitleForNone(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { Title = conversation.Title is "" ? null : conversation.Title };
}

[Breaks("cuts keys after 255 characters", "9.1")]
public sealed class CutsLongKeys(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.IdempotencyKey is { Length: > 255 } key ? command with { IdempotencyKey = key[..255] } : command;
}

[Breaks("cuts the names of models after 100 characters", "9.1")]
public sealed class CutsLongModels(TimeProvider clock) : RewritingStore(clock)
{
    protected override ConversationRun Shown(ConversationRun run) => run.Model is { Length: > 100 } model ? run with { Model = model[..100] } : run;
}

[Breaks("trims the users of identities", "9.1", "5.4")]
public sealed class TrimsUsers(TimeProvider clock) : RewritingStore(clock)
{
    protected override Conversation Shown(Conversation conversation) => conversation with { UserId = conversation.UserId?.Trim() };
}

[Breaks("cuts the ids of conversations after 255 characters", "9.1")]
public sealed class CutsLongIds(TimeProvider clock) : RewritingStore(clock)
{
    protected override BeginTurnCommand Asked(BeginTurnCommand command) =>
        command.NewConversationId.Length > 255 ? command with { NewConversationId = command.NewConversationId[..255] } : command;
}
