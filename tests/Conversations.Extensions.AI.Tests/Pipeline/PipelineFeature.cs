namespace Conversations.Extensions.AI.Tests.Pipeline;

/// <summary>What a pipeline is used for, beside conversations and the client that calls functions.</summary>
public enum PipelineFeature
{
    /// <summary>The model calls nothing.</summary>
    Text,

    /// <summary>The model calls a function.</summary>
    Tool,

    /// <summary>The model calls two functions at once, which run at the same time.</summary>
    ParallelTools,

    /// <summary>The function throws.</summary>
    ThrowingTool,

    /// <summary>The function requires an approval, which is given.</summary>
    Approval,

    /// <summary>The answer is JSON of a schema.</summary>
    StructuredOutput,

    /// <summary>A request with an idempotency key is sent again.</summary>
    RepeatedKey,

    /// <summary>Responses of the model are cached beside the model.</summary>
    Cache,

    /// <summary>OpenTelemetry measures requests outside and beside the model.</summary>
    Telemetry,

    /// <summary>Options are copied and changed outside and beside the model.</summary>
    CopiedOptions,
}
