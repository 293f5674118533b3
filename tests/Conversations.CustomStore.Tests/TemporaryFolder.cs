namespace Conversations.CustomStore.Tests;

/// <summary>A folder that is gone with all that is in it when its user is done.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-custom-");

    public string Path => _folder.FullName;

    public string Journal => System.IO.Path.Combine(Path, "journal.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);
}
