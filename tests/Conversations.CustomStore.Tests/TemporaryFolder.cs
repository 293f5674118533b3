namespace Conversations.CustomStore.Tests;

/// <summary>A folder that is deleted with its content on disposal.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-custom-");

    public string Path => _folder.FullName;

    public string Journal => System.IO.Path.Combine(Path, "journal.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);
}
