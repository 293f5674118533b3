using System.IO.Pipes;

namespace Conversations.StoreSpecification.Tests.RightStores;

/// <summary>Waits in the operating system, where nobody sees that a thread waits: a byte in a pipe is the right to write.</summary>
public sealed class PipeStore : OrderingStore
{
    private readonly AnonymousPipeServerStream _give = new(PipeDirection.Out);
    private readonly AnonymousPipeClientStream _take;

    public PipeStore(TimeProvider clock)
        : base(new InMemoryConversationStore(clock))
    {
        _take = new AnonymousPipeClientStream(PipeDirection.In, _give.ClientSafePipeHandle);

        // The first use of each end makes what reads and writes it, and not more than one may do that at a time.
        _give.WriteByte(1);
        _take.ReadByte();
        _give.WriteByte(1);
    }

    protected override async ValueTask<T> WriteAsync<T>(string row, Func<ValueTask<T>> write, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _take.ReadByte();
        try
        {
            cancellationToken.ThrowIfCancellationRequested();
            return await write();
        }
        finally
        {
            _give.WriteByte(1);
        }
    }
}
