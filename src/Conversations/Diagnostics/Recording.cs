using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Conversations;

/// <summary>Tells those who listen, and lets nothing depend on them.</summary>
/// <remarks>.NET calls listeners on the thread that tells them and passes on what they throw: a turn that is written would be told as failed, a lease that is taken would be nobody's.
/// So whatever is told to listeners goes through here.</remarks>
internal static class Recording
{
    private static readonly ConditionalWeakTable<ILogger, object> Told = [];

    /// <summary>Records something.</summary>
    /// <param name="logger">Told once if a listener throws.</param>
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
            // Whatever a listener throws is the listener's: it is code of the host or of an exporter, of any type, and there is no caller who asked for it.
            Tell(logger, exception);
        }
    }

    /// <summary>Begins a span, if somebody listens. It is the current one then.</summary>
    public static Activity? Start(ILogger logger, string name, ActivityContext parent = default, IEnumerable<KeyValuePair<string, object?>>? tags = null)
    {
        var outer = Activity.Current;
        try
        {
            return Telemetry.Source.StartActivity(name, ActivityKind.Internal, parent, tags);
        }
        catch (Exception exception)
        {
            // As above. A span that had begun when somebody threw is the current one already, and ends like any other.
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

    /// <summary>Logs it once for each logger: whoever throws does so at every turn.</summary>
    private static void Tell(ILogger logger, Exception exception)
    {
        if (Told.TryAdd(logger, Told))
            Log.ListenerFailed(logger, exception.GetType().FullName!);
    }
}
