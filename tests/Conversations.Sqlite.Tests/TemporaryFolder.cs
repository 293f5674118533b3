namespace Conversations.Sqlite.Tests;

/// <summary>A folder that goes when the test does.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("conversations-sqlite-");

    public string File(string name = "conversations.db") => Path.Combine(_folder.FullName, name);

    public string ConnectionString(string name = "conversations.db") => $"Data Source={File(name)}";

    /// <summary>Sets the permissions of a file, or of the folder, where there are any.</summary>
    public void SetMode(UnixFileMode mode, string? name = null)
    {
        if (!OperatingSystem.IsWindows())
            System.IO.File.SetUnixFileMode(name is null ? _folder.FullName : File(name), mode);
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
