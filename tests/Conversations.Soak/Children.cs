using System.Globalization;
using Conversations.Soak.Faults;
using Conversations.Soak.Kills;

namespace Conversations.Soak;

/// <summary>What this program does as a child process.</summary>
internal static class Children
{
    public static Task<int> RunAsync(IReadOnlyList<string> arguments) => arguments switch
    {
        ["kill", var file, var point, var time, var microseconds, var first, var lies] =>
            KillChild.TurnsAsync(file, Enum.Parse<KillPoint>(point), Number(time), Number(microseconds), Number(first), bool.Parse(lies)),
        ["hold", var file, var user, var request] => FaultChildren.HoldAsync(file, user, Number(request)),
        ["turns", var file, var user, var count] => FaultChildren.TurnsAsync(file, user, Number(count)),
        ["limited", var file, var user, var bytes] when OperatingSystem.IsLinux() => FaultChildren.LimitedAsync(file, user, (ulong)Number(bytes)),
        _ => throw new ArgumentException("There is no such child.", nameof(arguments)),
    };

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
