using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Xml.Linq;
using Microsoft.Extensions.Logging;

namespace Conversations.Tests.Diagnostics;

/// <summary>Writes <c>docs/telemetry.md</c> from the code: instruments and log events as they are declared, and the summaries of the names. The places of attributes are listed here, and tests compare them with what is recorded.</summary>
internal static class TelemetryPage
{
    public const string SqliteDurability = "conversations.sqlite.durability";

    private const string Rest = "{agent}";

    private static readonly Assembly Core = typeof(ConversationManager).Assembly;

    private static readonly Assembly OnSqlite = typeof(SqliteConversationStore).Assembly;

    /// <summary>The spans and their attributes.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Spans { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        [$"{TelemetryNames.TurnSpan} {Rest}"] =
        [
            TelemetryNames.Operation, TelemetryNames.Agent, TelemetryNames.ConversationId, TelemetryNames.Model, TelemetryNames.FinishReasons, TelemetryNames.InputTokens, TelemetryNames.OutputTokens, TelemetryNames.CachedInputTokens, TelemetryNames.CacheWriteInputTokens, TelemetryNames.ReasoningTokens,
            TelemetryNames.ErrorType, TelemetryNames.RunId, TelemetryNames.Channel, TelemetryNames.IsPersisted, TelemetryNames.Regenerates, TelemetryNames.TurnOutcome, TelemetryNames.AddedMessages,
            TelemetryNames.WindowMessages, TelemetryNames.WindowTokens, TelemetryNames.OmittedMessages, TelemetryNames.SystemInstructions, TelemetryNames.InputMessages, TelemetryNames.OutputMessages,
        ],
        [TelemetryNames.LockWaitSpan] = [TelemetryNames.Agent, TelemetryNames.ConversationId, TelemetryNames.LockOutcome, TelemetryNames.ErrorType],
        [TelemetryNames.SummarySpan] =
        [
            TelemetryNames.Operation, TelemetryNames.Agent, TelemetryNames.ConversationId, TelemetryNames.Model, TelemetryNames.InputTokens, TelemetryNames.OutputTokens, TelemetryNames.CachedInputTokens, TelemetryNames.CacheWriteInputTokens, TelemetryNames.ReasoningTokens,
            TelemetryNames.SummaryThrough, TelemetryNames.SummaryOutcome, TelemetryNames.ErrorType,
        ],
    };

    /// <summary>The tags of each instrument.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Tags { get; } = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)
    {
        ["gen_ai.client.token.usage"] = [TelemetryNames.Operation, TelemetryNames.Agent, TelemetryNames.Model, TelemetryNames.TokenType],
        ["gen_ai.client.operation.duration"] = [TelemetryNames.Operation, TelemetryNames.Agent, TelemetryNames.Model, TelemetryNames.ErrorType],
        ["gen_ai.invoke_agent.duration"] = [TelemetryNames.Operation, TelemetryNames.Agent, TelemetryNames.ErrorType],
        ["conversations.lock.wait.duration"] = [TelemetryNames.Agent, TelemetryNames.LockOutcome],
        ["conversations.lease.lost"] = [TelemetryNames.Agent],
        ["conversations.turn.active"] = [TelemetryNames.Agent],
        ["conversations.window.messages"] = [TelemetryNames.Agent],
        ["conversations.window.tokens"] = [TelemetryNames.Agent],
        ["conversations.window.omitted_messages"] = [TelemetryNames.Agent, TelemetryNames.OmissionReason],
        ["conversations.stream.saved_segments"] = [TelemetryNames.Agent],
        ["conversations.sqlite.commit.group_size"] = [SqliteDurability],
        ["conversations.sqlite.commit.duration"] = [SqliteDurability, TelemetryNames.ErrorType],
        ["conversations.sqlite.log.size"] = [],
    };

    /// <summary>The page.</summary>
    public static string Write() => TelemetryText.Page
        .Replace("%SPANS%", SpanSections(), StringComparison.Ordinal)
        .Replace("%INSTRUMENTS%", InstrumentTable(), StringComparison.Ordinal)
        .Replace("%TAGS%", TagTable(), StringComparison.Ordinal)
        .Replace("%LOG%", LogTable(Core.GetType("Conversations.Log", throwOnError: true)!), StringComparison.Ordinal)
        .Replace("%SQLITELOG%", LogTable(OnSqlite.GetType("Conversations.Storage.SqliteLog", throwOnError: true)!), StringComparison.Ordinal)
        .Replace("%CHATLOG%", LogTable(typeof(ConversationChatClient).Assembly.GetType("Conversations.ChatLog", throwOnError: true)!), StringComparison.Ordinal);

    /// <summary>Every instrument of the libraries, as it is declared.</summary>
    public static IReadOnlyList<Instrument> Instruments()
    {
        var found = new List<Instrument>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (string.Equals(instrument.Meter.Name, ConversationTelemetry.MeterName, StringComparison.Ordinal))
                found.Add(instrument);
        };
        RuntimeHelpers.RunClassConstructor(typeof(Telemetry).TypeHandle);
        RuntimeHelpers.RunClassConstructor(OnSqlite.GetType("Conversations.Storage.SqliteTelemetry", throwOnError: true)!.TypeHandle);
        listener.Start();
        return [.. found.OrderBy(instrument => Tags.Keys.ToList().IndexOf(instrument.Name))];
    }

    private static string SpanSections()
    {
        var about = Names();
        var text = new StringBuilder();
        foreach (var (span, attributes) in Spans)
        {
            text.Append(CultureInfo.InvariantCulture, $"### `{span}`\n\n{about[span.Replace($" {Rest}", "", StringComparison.Ordinal)]}\n\n| attribute | meaning |\n|---|---|\n");
            foreach (var attribute in attributes)
                text.Append(CultureInfo.InvariantCulture, $"| `{attribute}` | {about[attribute]} |\n");
            text.Append('\n');
        }

        return text.ToString().TrimEnd();
    }

    private static string InstrumentTable()
    {
        var text = new StringBuilder("| instrument | type | unit | tags | description |\n|---|---|---|---|---|\n");
        foreach (var instrument in Instruments())
            text.Append(CultureInfo.InvariantCulture, $"| `{instrument.Name}` | {TypeOf(instrument)} | `{instrument.Unit}` | {string.Join(", ", Tags[instrument.Name].Select(tag => $"`{tag}`"))} | {instrument.Description} |\n");
        return text.ToString().TrimEnd();
    }

    private static string TagTable()
    {
        var about = Names();
        var onSpans = Spans.Values.SelectMany(attributes => attributes).ToHashSet(StringComparer.Ordinal);
        var text = new StringBuilder("| tag | meaning |\n|---|---|\n");
        foreach (var tag in Tags.Values.SelectMany(tags => tags).Distinct(StringComparer.Ordinal).Where(tag => !onSpans.Contains(tag)))
            text.Append(CultureInfo.InvariantCulture, $"| `{tag}` | {about[tag]} |\n");
        return text.ToString().TrimEnd();
    }

    private static string LogTable(Type log)
    {
        var text = new StringBuilder("| id | name | level | message |\n|---|---|---|---|\n");
        foreach (var entry in Events(log))
            text.Append(CultureInfo.InvariantCulture, $"| {entry.EventId} | `{entry.EventName}` | {entry.Level} | {entry.Message} |\n");
        return text.ToString().TrimEnd();
    }

    /// <summary>The events that a class logs.</summary>
    public static IReadOnlyList<LoggerMessageAttribute> Events(Type log) =>
    [
        .. log.GetMethods(BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly)
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>()!)
            .OrderBy(entry => entry.EventId),
    ];

    private static string TypeOf(Instrument instrument) => instrument.GetType().Name.Split('`')[0].ToLowerInvariant() switch
    {
        "updowncounter" => "up-down counter",
        "observableupdowncounter" => "observable up-down counter",
        var type => type,
    };

    /// <summary>The summary of each name in the code, by the name.</summary>
    private static Dictionary<string, string> Names() => Constants(typeof(TelemetryNames)).Concat(Constants(OnSqlite.GetType("Conversations.Storage.SqliteTelemetry", throwOnError: true)!))
        .ToDictionary(name => name.Name, name => name.Summary, StringComparer.Ordinal);

    private static IEnumerable<(string Name, string Summary)> Constants(Type type)
    {
        var documentation = XDocument.Load(Path.ChangeExtension(type.Assembly.Location, ".xml"));
        return
            from field in type.GetFields(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static)
            where field.IsLiteral
            let member = documentation.Descendants("member").SingleOrDefault(member => string.Equals((string?)member.Attribute("name"), $"F:{type.FullName}.{field.Name}", StringComparison.Ordinal))
            where member is not null
            select ((string)field.GetRawConstantValue()!, string.Join(' ', member.Element("summary")!.Value.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }
}
