using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace Conversations.Soak.Faults;

/// <summary>Calls of the operating system that .NET does not offer.</summary>
[SupportedOSPlatform("linux")]
internal static partial class Linux
{
    public const int SigCont = 18;
    public const int SigStop = 19;

    private const int SigXfsz = 25;
    private const nint Ignore = 1;
    private const int FileSize = 1;

    public static void Signal(int process, int signal)
    {
        if (Kill(process, signal) != 0)
            throw new InvalidOperationException("The signal was not sent.");
    }

    /// <summary>Limits the size of every file that the process writes to; a write beyond it fails, and does not end the process.</summary>
    public static void LimitFileSize(ulong? bytes)
    {
        _ = SetHandler(SigXfsz, Ignore);
        if (GetLimit(FileSize, out var limit) != 0)
            throw new InvalidOperationException("The limit cannot be read.");
        limit.Soft = bytes ?? limit.Hard;
        if (SetLimit(FileSize, in limit) != 0)
            throw new InvalidOperationException("The limit was not set.");
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Kill(int process, int signal);

    [LibraryImport("libc", EntryPoint = "signal")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public ulong Soft;
        public ulong Hard;
    }
}
