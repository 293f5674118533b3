namespace Conversations.Tests.Diagnostics;

/// <summary>What stands in <c>docs/telemetry.md</c> around the tables.</summary>
internal static class TelemetryText
{
    public const string Page =
        """
        # Telemetry

        What the library records of what it does: spans, measurements and log lines, through what .NET has for that (`System.Diagnostics`, `Microsoft.Extensions.Logging`). It needs no package. Where nobody listens it costs next to nothing: a turn looks whether anybody does, and allocates nothing for it.

        `Conversations.Tests` writes this page from the code and compares it, and it has OpenTelemetry see every name below and no other: run it once with `UPDATE_TELEMETRY=1` after a change on purpose.

        ## Switching it on

        With OpenTelemetry (packages `OpenTelemetry.Extensions.Hosting` and an exporter):

        ```csharp
        builder.Services.AddOpenTelemetry()
            .WithTracing(tracing => tracing.AddSource(ConversationTelemetry.SourceName).AddOtlpExporter())
            .WithMetrics(metrics => metrics.AddMeter(ConversationTelemetry.MeterName).AddOtlpExporter());
        ```

        Both names are `Conversations`; the stores of the library record under them, too. Log lines go to the `ILogger` of the host, those of the core in the category `Conversations.ConversationManager`, those of the SQLite store in `Conversations.SqliteConversationStore`: `"Logging": { "LogLevel": { "Conversations": "Debug" } }` shows all of them.

        Names that begin with `gen_ai` are those of the OpenTelemetry semantic conventions for generative AI, as they stood in 2026; these are still in development, and may change them: their repository, which has become one of its own, is giving `gen_ai.client.token.usage` another name. `gen_ai.provider.name`, which they ask for, is not there: the library calls no model, and does not know whose it is.

        Code that listens is called on the thread that records. What it throws is logged once and goes no further: no turn, commit or lease depends on who listens. What it does before it returns is waited for.

        ## What is never recorded

        What was said: no text, title, tool call, tool result, summary or system prompt is in a log line, a measurement, a span, or an exception of the library's own. Of an exception that the host threw, only its type is recorded, as its message may quote what was said. Log lines with an exception (2, 3 and 13) carry that of the store, and stores must not put content into theirs ([write-a-store.md](guide/write-a-store.md#errors)).

        Nor are identities, session ids, thread keys and idempotency keys, but for the key in the message of `IDEMPOTENCY_MISMATCH`, which is for the caller who sent it. Ids of conversations and runs are in spans and in log lines at Debug and Warning, and in no measurement: the tags of these have few values. The names of agents, models and channels are the host's own, and are recorded as they are.

        `options.RecordContent = true` puts what was said on the spans of turns, in the JSON of the conventions, and nowhere else. Whoever reads the traces reads the conversations then, and so does the system that keeps them, for as long as it keeps them: deleting a conversation does not delete it there.

        ## Spans

        %SPANS%

        **What stands below what.** The span of a turn is a child of what was the current span when the turn was asked for. Within `RunTurnAsync` and `RegenerateAsync` it is itself the current one (`Activity.Current`) for the agent's code, streams among it, so that the spans of a model client stand below it; after them, the host's own is current as before.

        The span of a turn that is begun by hand ends with `CommitAsync`, `FailAsync` or `DisposeAsync`, but it is not the current one: what an awaited method sets as current does not reach who called it. The host can do it, around the call of the model:

        ```csharp
        await using ConversationTurn turn = await mine.BeginTurnAsync(request);
        Activity? outer = Activity.Current;
        Activity.Current = turn.Activity ?? outer;
        // … ask the model, with turn.Prompt …
        Activity.Current = outer;
        await turn.CommitAsync();
        ```

        A summary is created in the background after its turn has ended. Its span is still a child of the span of the turn, and is the current one for the summarizer. A turn that the host does not dispose by mistake is recorded as `dropped` when its lease is due for renewal and the turn has been garbage collected. Such a turn is not recorded if it is stateless or lost its lease before. `RestoreAsync`, imports, reads and deletions have no spans. Requests that are rejected before the conversation is determined have no spans either: an unknown agent, a message to answer again whose conversation is not found, an invalid argument.

        ## Measurements

        %INSTRUMENTS%

        Tags have the meanings that they have as attributes above; and

        %TAGS%

        A model client that is instrumented, too, measures `gen_ai.client.token.usage` and `gen_ai.client.operation.duration` for each of its calls, with the operation `chat`. Those of a turn have `invoke_agent`: choose one by `gen_ai.operation.name` before adding up, or tokens are counted twice. `gen_ai.client.operation.duration` and `gen_ai.invoke_agent.duration` say the same of a turn; the conventions have named the second one later, and dashboards still look for the first. A replay is measured as a turn, of next to no duration and without tokens. Durations are by the `TimeProvider` of the manager; spans have the clock of `System.Diagnostics`.

        What it may tell: waits that grow, with `acquired`, say that callers crowd into the same conversations; with `locked`, that they are turned away. Leases that are lost say that processes stall, that the store does not answer in time, or that agents run longer than `MaxTurnDuration`. A `group_size` that stays at 1 says that there is nothing to gain from writing together; a `commit.duration` of milliseconds is the disk's.

        ## Log events

        Ids and names do not change. Of the core, in `Conversations.ConversationManager`:

        %LOG%

        Of the SQLite store, in `Conversations.SqliteConversationStore`:

        %SQLITELOG%

        ## A health probe

        `ConversationMaintenance.CheckHealthAsync` reads from the store and has it take what it writes with, without writing: both on a conversation that does not exist. A store that cannot be opened, is damaged where this looks, is read-only, kept locked by others or does not answer within ten seconds is not healthy, nor is one that finds or begins what does not exist (`STORE_CORRUPT`), and the result has the code (`STORE_READ_ONLY`, `STORE_CORRUPT`, `STORE_UNAVAILABLE` …) and how long it took to find out. It throws only if its token is cancelled. Probes go one at a time: while a store leaves one unanswered it keeps one thread, and those that follow wait for that one, ten seconds at most, so that it is not healthy for as long. Where the file of the SQLite store is missing, the probe creates the database, as any first use does; with `Mode=ReadWrite` in the connection string it does not, and says `STORE_UNAVAILABLE`. What it cannot see: a disk that is full, which the first write tells, and a file that was deleted while it is open, which an operating system such as Linux keeps for who has it open.

        As a health check of ASP.NET Core, or of any host with `Microsoft.Extensions.Diagnostics.HealthChecks`:

        ```csharp
        public sealed class StoreHealthCheck(ConversationMaintenance maintenance) : IHealthCheck
        {
            public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
            {
                StoreHealth health = await maintenance.CheckHealthAsync(cancellationToken);
                return health.IsHealthy ? HealthCheckResult.Healthy() : new HealthCheckResult(context.Registration.FailureStatus, health.Code);
            }
        }
        ```

        ```csharp
        builder.Services.AddHealthChecks().AddCheck<StoreHealthCheck>("conversations");
        ```

        """;
}
