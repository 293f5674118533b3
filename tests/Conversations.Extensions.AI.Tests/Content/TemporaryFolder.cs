namespace Conversations.Extensions.AI.Tests.Content;

/// <summary>A folder that goes when the test does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-ai-");

    public string ConnectionString => $"Data Source={Path.Combine(_folder.FullName, "conversations.db")}";

    public void Dispose() => _folder.Delete(recursive: true);
}
