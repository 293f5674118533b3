namespace Conversations.Tests.Diagnostics;

/// <summary>The text of <c>docs/telemetry.md</c> around the tables.</summary>
internal static class TelemetryText
{
    public const string Page =
        """
        # Telemetry

        The library records spans, measurements and log lines with the APIs of .NET (`System.Diagnostics`, `Microsoft.Extensions.Logging`). No package is required. Without a listener the cost is negligible: a turn checks for listeners and allocates nothing.

        `Conversations.Tests` generates this page from the code and compares it, and checks with OpenTelemetry that every name below is recorded and no other. After an intended change, run these tests once with `UPDATE_TELEMETRY=1`.

        ## Enable telemetry

        With OpenTelemetry (packages `OpenTelemetry.Extensions.Hosting` and an exporter):

        ```csharp
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource(ConversationTelemetry.SourceName).AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter(ConversationTelemetry.MeterName).AddOtlpExporter());
        ```

        Both names are `Conversations`; the stores of the library use the same names. Log lines go to the `ILogger` of the host. The category of the core is `Conversations.ConversationManager`, that of the SQLite store is `Conversations.SqliteConversationStore`: `"Logging": { "LogLevel": { "Conversations": "Debug" } }` shows all log lines.

        Names that begin with `gen_ai` are those of the OpenTelemetry semantic conventions for generative AI, as of 2026. The conventions are still in development and may change: their repository, which is now a separate one, renames `gen_ai.client.token.usage`. `gen_ai.provider.name`, which the conventions require, is not recorded: the library does not call models and does not know the provider.

        Listeners are called on the thread that records. An exception of a listener is logged once and not passed on: no turn, commit or lease depends on listeners. The library waits until a listener returns.

        ## What is never recorded

        Content: no text, title, tool call, tool result, summary or system prompt is in a log line, a measurement, a span, or an exception of the library. Of an exception that the host threw, only the type is recorded, because its message may quote content. Log lines with an exception (2, 3 and 13) contain that of the store, and exceptions of stores must not contain content ([write-a-store.md](guide/write-a-store.md#errors)).

        Identities, session ids, thread keys and idempotency keys are not recorded either, except for the key in the message of `IDEMPOTENCY_MISMATCH`, which is for the caller that sent it. Ids of conversations and runs are in spans and in log lines at Debug and Warning, but not in measurements, whose tags must have few values. The names of agents, models and channels come from the host and are recorded unchanged.

        `options.RecordContent = true` adds content to the spans of turns, in the JSON format of the conventions, and to nothing else. Everyone with access to the traces can then read the conversations, for as long as the tracing system keeps them: deleting a conversation does not delete its traces.

        ## Spans

        %SPANS%

        **Parents and children.** The parent of a turn's span is the span that was current when the turn was requested. Within `RunTurnAsync` and `RegenerateAsync`, the turn's span is the current one (`Activity.Current`) for the agent's code, including streams, so that the spans of a model client become its children. Afterwards, the host's span is current again.

        The span of a turn that the host begins with `BeginTurnAsync` ends with `CommitAsync`, `FailAsync` or `DisposeAsync`, but it is not the current one: an awaited method cannot set the current span of its caller. The host can set it around the call of the model:

        ```csharp
        await using ConversationTurn turn = await mine.BeginTurnAsync(request);
        Activity? outer = Activity.Current;
        Activity.Current = turn.Activity ?? outer;
        // … call the model with turn.Prompt …
        Activity.Current = outer;
        await turn.CommitAsync();
        ```

        A summary is created in the background after its turn has ended. Its span is still a child of the span of the turn, and is the current one for the summarizer. A turn that the host does not dispose by mistake is recorded as `dropped` when its lease is due for renewal and the turn has been garbage collected. Such a turn is not recorded if it is stateless or lost its lease before. `RestoreAsync`, imports, reads and deletions have no spans. Requests that are rejected before the conversation is determined have no spans either: an unknown agent, a message to answer again whose conversation is not found, an invalid argument.

        ## Measurements

        %INSTRUMENTS%

        Tags have the same meanings as the attributes above, and:

        %TAGS%

        An instrumented model client also records `gen_ai.client.token.usage` and `gen_ai.client.operation.duration` for each of its calls, with the operation `chat`. Measurements of turns have the operation `invoke_agent`, those of summaries `summarize`: filter by `gen_ai.operation.name` before you add values, or tokens are counted twice. `gen_ai.client.operation.duration` and `gen_ai.invoke_agent.duration` are the same duration of a turn; the conventions introduced the second name later, and dashboards still use the first. A replay is measured as a turn with a very short duration and without tokens. Durations are measured with the `TimeProvider` of the manager; spans use the clock of `System.Diagnostics`.

        How to read it: growing waits with the outcome `acquired` mean that many callers use the same conversations; with `locked`, that they are rejected. Lost leases mean that processes stall, that the store does not answer in time, or that agents run longer than `MaxTurnDuration`. A `group_size` that remains 1 means that writes are not grouped; a `commit.duration` of milliseconds is mostly the wait for the disk.

        ## Log events

        Ids and names do not change. Events of the core, in the category `Conversations.ConversationManager`:

        %LOG%

        Events of the SQLite store, in the category `Conversations.SqliteConversationStore`:

        %SQLITELOG%

        Of chat clients, in the category `Conversations.ConversationChatClient`:

        %CHATLOG%

        ## Health checks

        `ConversationMaintenance.CheckHealthAsync` checks that the store is readable and writable, with a conversation that does not exist and without writing anything. A store is unhealthy if it cannot be opened, is damaged where the check reads, is read-only, is locked by other processes, does not answer within ten seconds, or returns a conversation for an id that does not exist (`STORE_CORRUPT`). The result contains the code (`STORE_READ_ONLY`, `STORE_CORRUPT`, `STORE_UNAVAILABLE` …) and the duration of the check. The method throws only if its token is cancelled. One check runs at a time: while a store does not answer, the check occupies one thread, and later checks wait for it, for ten seconds at most, and report an unhealthy store. If the file of the SQLite store is missing, the check creates the database, as any first use does; with `Mode=ReadWrite` in the connection string it does not, and reports `STORE_UNAVAILABLE`. The check cannot detect a full disk, which the first write reports.

        With the package `Conversations.Hosting`, `services.AddHealthChecks().AddConversations()` adds it to the health checks of a host.

        """;
}
