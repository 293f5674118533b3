using System.Text;

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

    /// <summary>Returns the names of the files of a database that have a text in their bytes: its own, its log and its shared memory.</summary>
    public List<string> FilesWith(string text, string name = "conversations.db") =>
        [.. new[] { "", "-wal", "-shm" }.Select(ending => name + ending).Where(file => System.IO.File.Exists(File(file)) && Read(File(file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0)];

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }
}
