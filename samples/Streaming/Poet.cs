using System.Runtime.CompilerServices;

namespace Streaming;

/// <summary>A replacement for a model, which returns its words one by one, slowly.</summary>
internal static class Poet
{
    private const string Poem =
        "The harbour sleeps, the cranes stand still, a bell is counting on the hill; the last boat's light goes out to sea and takes its time, and so do we. " +
        "What one has lost the tide may hide, another finds when it is dried.";

    public static async IAsyncEnumerable<string> WriteAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var word in Poem.Split(' '))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(60), cancellationToken);
            yield return word + " ";
        }
    }
}
