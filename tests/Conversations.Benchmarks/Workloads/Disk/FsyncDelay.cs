using System.CommandLine;
using System.Diagnostics;
using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>Makes every fsync of a process longer, by a library that is compiled here and loaded before others: disks of build machines answer unusually fast.</summary>
internal static class FsyncDelay
{
    private const string Nanoseconds = "CONVERSATIONS_FSYNC_DELAY_NS";

    /// <summary>The delay that this process runs with.</summary>
    public static TimeSpan Current =>
        long.TryParse(Environment.GetEnvironmentVariable(Nanoseconds), NumberStyles.None, CultureInfo.InvariantCulture, out var nanoseconds)
            ? TimeSpan.FromTicks(nanoseconds / TimeSpan.NanosecondsPerTick)
            : TimeSpan.Zero;

    /// <summary>Reads a delay: <c>1ms</c>, <c>0.5ms</c>, <c>200us</c>.</summary>
    /// <exception cref="FormatException">The text is no delay.</exception>
    public static TimeSpan Parse(string text)
    {
        var (number, unit) = text.EndsWith("us", StringComparison.Ordinal) ? (text[..^2], TimeSpan.FromMicroseconds(1))
            : text.EndsWith("ms", StringComparison.Ordinal) ? (text[..^2], TimeSpan.FromMilliseconds(1))
            : (text, TimeSpan.Zero);
        return double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value > 0 && value * unit.TotalSeconds is > 0 and <= 10
            ? value * unit
            : throw new FormatException($"'{text}' is no delay. Write 1ms or 200us.");
    }

    /// <summary>Makes the option of the command line.</summary>
    public static Option<TimeSpan?> Option() => new("--fsync-delay")
    {
        Description = "Make every wait for the disk longer by this much: 1ms. Workloads that do not wait for the disk run only if they are named.",
        CustomParser = result =>
        {
            try
            {
                return Parse(result.Tokens.Single().Value);
            }
            catch (FormatException exception)
            {
                result.AddError(exception.Message);
                return null;
            }
        },
    };

    /// <summary>Runs this program again, with the same arguments and with the delay.</summary>
    /// <returns>Its exit code.</returns>
    public static async Task<int> RestartAsync(TimeSpan delay, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
            throw new PlatformNotSupportedException("A delay of fsync is for Linux: it takes a C compiler (cc) and LD_PRELOAD.");

        var folder = Directory.CreateTempSubdirectory("conversations-fsync-");
        try
        {
            var library = await CompileAsync(folder.FullName);
            var program = Environment.ProcessPath!;
            var isHosted = string.Equals(Path.GetFileNameWithoutExtension(program), "dotnet", StringComparison.Ordinal);
            var start = new ProcessStartInfo(program, isHosted ? [typeof(FsyncDelay).Assembly.Location, .. arguments] : arguments);
            start.Environment["LD_PRELOAD"] = library;
            start.Environment[Nanoseconds] = (delay.Ticks * TimeSpan.NanosecondsPerTick).ToString(CultureInfo.InvariantCulture);
            return await RunAsync(start, cancellationToken);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static async Task<string> CompileAsync(string folder)
    {
        var (source, library) = (Path.Combine(folder, "fsync_delay.c"), Path.Combine(folder, "fsync_delay.so"));
        await using (var file = File.Create(source))
        await using (var code = typeof(FsyncDelay).Assembly.GetManifestResourceStream("fsync_delay.c")!)
            await code.CopyToAsync(file);
        return await RunAsync(new ProcessStartInfo("cc", ["-shared", "-fPIC", "-O2", "-o", library, source]), CancellationToken.None) == 0
            ? library
            : throw new InvalidOperationException("The library that delays fsync could not be compiled.");
    }

    private static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start)!;

        // A signal that stops this process also stops that one, which deletes its files.
        await using var stop = cancellationToken.Register(() => Process.Start("kill", ["-TERM", process.Id.ToString(CultureInfo.InvariantCulture)]).Dispose());
        await process.WaitForExitAsync(CancellationToken.None);
        return process.ExitCode;
    }
}
