using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>The calls in one response to a request with an idempotency key or a schema, and the responses before it since the last user message.</summary>
/// <remarks>
/// <para>A client that invokes functions sends one key with the user message and with all results. Call ids can repeat, so a retry or a concurrent duplicate can send results of an earlier call that equal those of a later call.
/// The only thing that a result takes from its call is the call id. Each response therefore returns call ids that are string instances of its own, and the instance in a result identifies the response that it answers.
/// Nothing is written to the options, which several requests can use at the same time.</para>
/// <para>A call id that was serialized in between is another instance, and an empty one has none of its own. The response is then the last one that was returned for the same options object, or else the first one with that id.</para>
/// <para>Thread-safe.</para>
/// </remarks>
internal sealed class CallTrail(CallTrail? previous)
{
    // The keys are call ids, and the options of the requests.
    private static readonly ConditionalWeakTable<object, CallTrail> Responses = [];

    private readonly CallTrail? _previous = previous;
    private ImmutableHashSet<string> _callIds = ImmutableHashSet.Create<string>(StringComparer.Ordinal);

    /// <summary>Gets the message with the schema of the answer, which a client that invokes functions does not send again with the results; null for none.</summary>
    public ChatMessage? Schema { get; init; }

    /// <summary>Returns the response that results answer.</summary>
    public static CallTrail Of(IReadOnlyCollection<string> callIds, ChatOptions options)
    {
        foreach (var callId in callIds)
        {
            if (Responses.TryGetValue(callId, out var owner))
                return owner;
        }

        Responses.TryGetValue(options, out var response);
        while (response is not null && !response._callIds.Overlaps(callIds))
            response = response._previous;
        return response ?? new CallTrail(previous: null) { _callIds = ImmutableHashSet.CreateRange(StringComparer.Ordinal, callIds) };
    }

    /// <summary>Counts the earlier responses that contain a call with one of the ids.</summary>
    public int CountEarlier(IReadOnlyCollection<string> callIds)
    {
        var count = 0;
        for (var response = _previous; response is not null; response = response._previous)
            count += response._callIds.Overlaps(callIds) ? 1 : 0;
        return count;
    }

    /// <summary>Adds the calls among the contents of the response.</summary>
    /// <returns>The contents for the caller.</returns>
    public IList<AIContent> Add(IList<AIContent> contents, ChatOptions options)
    {
        if (!contents.Any(static content => content is FunctionCallContent))
            return contents;

        Responses.AddOrUpdate(options, this);
        return [.. contents.Select(content => content is FunctionCallContent call ? Add(call) : content)];
    }

    private FunctionCallContent Add(FunctionCallContent call)
    {
        ImmutableInterlocked.Update(ref _callIds, static (ids, id) => ids.Add(id), call.CallId);
        if (call.CallId.Length == 0)
            return call;

        // Some clients use the same instance in several responses, and the store in memory returns the instance that it got.
        if (Responses.GetOrAdd(call.CallId, this) != this)
            call = WithOwnId(call);
        Responses.AddOrUpdate(call.CallId, this);
        return call;
    }

    // A type of the host cannot be copied. Its instance belongs to the last response that contains it.
    private static FunctionCallContent WithOwnId(FunctionCallContent call) => call.GetType() != typeof(FunctionCallContent) ? call : new FunctionCallContent(new string(call.CallId.AsSpan()), call.Name, call.Arguments)
    {
        InformationalOnly = call.InformationalOnly,
        Exception = call.Exception,
        Annotations = call.Annotations,
        AdditionalProperties = call.AdditionalProperties,
        RawRepresentation = call.RawRepresentation,
    };
}
