using Conversations.Storage;

namespace Conversations.Tests.Manager;

/// <summary>A kind of store that the manager is tested on.</summary>
public interface IStoreUnderTest : IDisposable
{
    IConversationStore Open(TimeProvider timeProvider);
}

public sealed class InMemory : IStoreUnderTest
{
    public IConversationStore Open(TimeProvider timeProvider) => new InMemoryConversationStore(timeProvider);

    public void Dispose()
    {
    }
}

public sealed class Sqlite : IStoreUnderTest
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-");

    public IConversationStore Open(TimeProvider timeProvider) =>
        new SqliteConversationStore($"Data Source={Path.Combine(_folder.FullName, "test.db")}", timeProvider);

    public void Dispose() => _folder.Delete(recursive: true);
}
