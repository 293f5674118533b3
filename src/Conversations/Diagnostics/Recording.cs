using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Notifies listeners of spans and measurements, and isolates the library from their exceptions.</summary>
/// <remarks>.NET calls listeners synchronously and rethrows their exceptions: a stored turn would be reported as failed, and an acquired lease would have no holder.
/// All notifications therefore use this class.</remarks>
internal static class Recording
{
    private static readonly ConditionalWeakTable<ILogger, object> Reported = [];

    /// <summary>Records something.</summary>
    /// <param name="logger">The logger. It receives one warning if a listener throws.</param>
    /// <param name="about">What is recorded.</param>
    /// <param name="record">Records it. What it throws is logged and goes no further.</param>
    public static void Do<T>(ILogger logger, T about, Action<T> record)
    {
        try
        {
            record(about);
        }
        catch (Exception exception)
        {
            // A listener is code of the host or of an exporter and can throw any type; the caller of the library did not request it.
            Tell(logger, exception);
        }
    }

    /// <summary>Begins a span if there is a listener, and makes it the current one.</summary>
    public static Activity? Start(ILogger logger, string name, ActivityContext parent = default, IEnumerable<KeyValuePair<string, object?>>? tags = null)
    {
        var outer = Activity.Current;
        try
        {
            return Telemetry.Source.StartActivity(name, ActivityKind.Internal, parent, tags);
        }
        catch (Exception exception)
        {
            // As above. If the span had begun when a listener threw, it is already current and ends like any other.
            Tell(logger, exception);
            return ReferenceEquals(Activity.Current, outer) ? null : Activity.Current;
        }
    }

    /// <summary>Ends a span, if there is one.</summary>
    public static void End(ILogger logger, Activity? span)
    {
        if (span is not null)
            Do(logger, span, static span => span.Dispose());
    }

    /// <summary>Logs the exception once for each logger, because such a listener usually throws at every turn.</summary>
    private static void Tell(ILogger logger, Exception exception)
    {
        if (Reported.TryAdd(logger, Reported))
            Log.ListenerFailed(logger, exception.GetType().FullName!);
    }
}
