using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Conversations;

/// <summary>Applies a configuration to the options: every option that is not an object, by its name.</summary>
/// <param name="name">The name of the options.</param>
/// <param name="configuration">The section of conversations.</param>
internal sealed class ConversationSettings(string name, IConfiguration configuration) : IConfigureNamedOptions<ConversationOptions>
{
    /// <summary>How <see cref="AgentOptions.OnBusy"/> says that a request is refused.</summary>
    private const string Reject = "Reject";

    private readonly string _name = name;

    public void Configure(ConversationOptions options) => Configure(Options.DefaultName, options);

    public void Configure(string? name, ConversationOptions options)
    {
        if (!string.Equals(name, _name, StringComparison.Ordinal))
            return;

        var failures = new List<string>();
        var reader = new SettingsReader(configuration, failures);
        Apply(reader, options);
        reader.FailUnknown();
        if (failures.Count > 0)
            throw new OptionsValidationException(_name, typeof(ConversationOptions), failures);
    }

    private static void Apply(SettingsReader reader, ConversationOptions options)
    {
        reader.Read<string>(nameof(options.Project), value => options.Project = value);
        reader.Read<bool>(nameof(options.RequireTenant), value => options.RequireTenant = value);
        reader.Read<bool>(nameof(options.RecordContent), value => options.RecordContent = value);
        reader.Read<TimeSpan>(nameof(options.ShutdownTimeout), value => options.ShutdownTimeout = value);
        reader.Read<TimeSpan>(nameof(options.AgentOptionsLifetime), value => options.AgentOptionsLifetime = value);
        reader.ReadSection(nameof(options.Limits), limits => Apply(limits, options.Limits));
        reader.ReadSections(nameof(options.Agents), (agent, settings) => Apply(settings, options.GetOrAddAgent(agent)));
        reader.ReadSections(nameof(options.Prices), (model, settings) => Apply(settings, model, options));
    }

    private static void Apply(SettingsReader reader, ConversationLimits limits)
    {
        reader.Read<int>(nameof(limits.MaxMessageBytes), value => limits.MaxMessageBytes = value);
        reader.Read<int>(nameof(limits.MaxMessageParts), value => limits.MaxMessageParts = value);
        reader.Read<int>(nameof(limits.MaxMetadataBytes), value => limits.MaxMetadataBytes = value);
        reader.Read<int>(nameof(limits.MaxConversationMetadataBytes), value => limits.MaxConversationMetadataBytes = value);
        reader.Read<int>(nameof(limits.MaxPageBytes), value => limits.MaxPageBytes = value);
        reader.Read<int>(nameof(limits.MaxWaitingTurns), value => limits.MaxWaitingTurns = value);
        reader.Read<int>(nameof(limits.MaxConcurrentSummaries), value => limits.MaxConcurrentSummaries = value);
    }

    private static void Apply(SettingsReader reader, AgentOptions agent)
    {
        reader.ReadEnum<PersistenceMode>(nameof(agent.Mode), value => agent.Mode = value);
        reader.ReadEnums<PersistenceMode>(nameof(agent.ChannelModes), (channel, mode) => agent.SetChannelMode(channel, mode));
        reader.ReadList(nameof(agent.PartitionBy), value => agent.PartitionBy = value);
        reader.Read<bool>(nameof(agent.RequireIdentity), value => agent.RequireIdentity = value);
        reader.Read<bool>(nameof(agent.RetainForAudit), value => agent.RetainForAudit = value);
        reader.Read<string>(nameof(agent.SystemPrompt), value => agent.SystemPrompt = value);
        reader.Read<int>(nameof(agent.HistoryLimit), value => agent.HistoryLimit = value);
        reader.Read<int>(nameof(agent.TokenLimit), value => agent.TokenLimit = value);
        reader.Read<double>(nameof(agent.HistoryTrim), value => agent.HistoryTrim = value);
        reader.ReadEnum<FailedInputs>(nameof(agent.FailedInputs), value => agent.FailedInputs = value);
        reader.Read(nameof(agent.PromptTimeZone), ZoneOf, "a time zone of this machine", value => agent.PromptTimeZone = value);
        reader.Read<int>(nameof(agent.SummaryThreshold), value => agent.SummaryThreshold = value);
        reader.Read<TimeSpan>(nameof(agent.SummaryTimeout), value => agent.SummaryTimeout = value);
        reader.Read<TimeSpan>(nameof(agent.LeaseDuration), value => agent.LeaseDuration = value);
        reader.Read<TimeSpan>(nameof(agent.MaxTurnDuration), value => agent.MaxTurnDuration = value);
        reader.Read<bool>(nameof(agent.KeepPartialOutput), value => agent.KeepPartialOutput = value);
        reader.Read<TimeSpan>(nameof(agent.StreamRetention), value => agent.StreamRetention = value);
        reader.Read(nameof(agent.OnBusy), PolicyOf, $"'{Reject}', or the time to wait, such as '00:00:30'", value => agent.OnBusy = value);
        reader.RefuseObject(nameof(agent.TokenCounter));
        reader.RefuseObject(nameof(agent.Summarizer));
    }

    private static void Apply(SettingsReader reader, string model, ConversationOptions options)
    {
        var price = new ModelPrice(0, 0);
        reader.ReadRequired<decimal>(nameof(price.InputPerMillion), value => price = price with { InputPerMillion = value });
        reader.ReadRequired<decimal>(nameof(price.OutputPerMillion), value => price = price with { OutputPerMillion = value });
        reader.Read<decimal>(nameof(price.CachedInputPerMillion), value => price = price with { CachedInputPerMillion = value });
        reader.Read<decimal>(nameof(price.CacheWriteInputPerMillion), value => price = price with { CacheWriteInputPerMillion = value });
        options.SetPrice(model, price);
    }

    private static TimeZoneInfo? ZoneOf(string id) => TimeZoneInfo.TryFindSystemTimeZoneById(id, out var zone) ? zone : null;

    private static BusyPolicy? PolicyOf(string text) =>
        string.Equals(text, Reject, StringComparison.OrdinalIgnoreCase) ? BusyPolicy.Reject
        : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var wait) && wait > TimeSpan.Zero && wait <= BusyPolicy.LongestWait ? BusyPolicy.Wait(wait)
        : null;
}
