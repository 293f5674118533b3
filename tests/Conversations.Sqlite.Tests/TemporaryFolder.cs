namespace Conversations.Sqlite.Tests;

/// <summary>A folder that goes when the test does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-sqlite-");

    public string File(string name = "conversations.db") => Path.Combine(_folder.FullName, name);

    public string ConnectionString(string name = "conversations.db") => $"Data Source={File(name)}";

    public void Dispose() => _folder.Delete(recursive: true);
}
