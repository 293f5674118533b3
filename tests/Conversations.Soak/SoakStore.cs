using Conversations.Storage;

namespace Conversations.Soak;

/// <summary>The data that the processes of a run share, and how each opens it.</summary>
internal sealed class SoakStore : IAsyncDisposable
{
    private readonly Func<string?, IConversationStore> _open;
    private readonly Func<IConversationStore, IConversationStore> _wrap;
    private readonly Action _end;
    private readonly List<IConversationStore> _opened = [];

    private SoakStore(string name, Func<string?, IConversationStore> open, Func<IConversationStore, IConversationStore>? wrap, Action end)
    {
        Name = name;
        _open = open;
        _wrap = wrap ?? (store => store);
        _end = end;
    }

    public string Name { get; }

    /// <summary>The file; null if there is none.</summary>
    public string? File { get; private set; }

    /// <summary>One store for all, which outlives the processes.</summary>
    public static SoakStore Memory(TimeProvider clock, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        var store = new InMemoryConversationStore(clock);
        return new SoakStore("memory", _ => store, wrap, store.Dispose);
    }

    /// <summary>A file, which each process opens.</summary>
    public static SoakStore Sqlite(TimeProvider clock, Func<IConversationStore, IConversationStore>? wrap = null)
    {
        var folder = Directory.CreateTempSubdirectory("conversations-soak-");
        var file = Path.Combine(folder.FullName, "soak.db");
        return new SoakStore("sqlite", current => new SqliteConversationStore($"Data Source={current}", clock), wrap, () => folder.Delete(recursive: true)) { File = file };
    }

    public IConversationStore Open()
    {
        var store = _open(File);
        if (!_opened.Contains(store))
            _opened.Add(store);
        return _wrap(store);
    }

    /// <summary>Copies the file with its log, as a crash would leave it, and continues with the copy.</summary>
    public async Task CrashAsync()
    {
        if (File is not { } file || !System.IO.File.Exists(file))
            return;

        var copy = file + "+";
        System.IO.File.Copy(file, copy);
        if (System.IO.File.Exists(file + "-wal"))
            System.IO.File.Copy(file + "-wal", copy + "-wal");
        await CloseAsync();
        File = copy;
    }

    public async Task CloseAsync()
    {
        if (File is null)
            return;

        foreach (var store in _opened)
            await store.DisposeAsync();
        _opened.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await CloseAsync();
        _end();
    }
}
