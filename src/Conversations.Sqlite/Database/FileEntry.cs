using System.Runtime.InteropServices;

namespace Conversations.Storage;

/// <summary>Which file a path leads to, and how many names it has. .NET does not tell; Linux is asked directly.</summary>
/// <param name="Device">The device.</param>
/// <param name="Number">The number of the file on the device; 0 if the path leads to no file.</param>
/// <param name="Links">The number of names.</param>
/// <param name="Mode">The kind of the file and its permissions.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly partial record struct FileEntry(ulong Device, ulong Number, uint Links, ushort Mode)
{
    private const int CurrentDirectory = -100;
    private const uint KindLinksAndNumber = 0x105;
    private const int Kind = 0xF000;
    private const int Directory = 0x4000;
    private const int Regular = 0x8000;
    private const int NoSuchFile = 2;
    private const int NoDirectory = 20;

    /// <summary>Gets whether it is a directory.</summary>
    public bool IsDirectory => (Mode & Kind) == Directory;

    /// <summary>Gets whether it is a file, and not a device or a pipe.</summary>
    public bool IsRegular => (Mode & Kind) == Regular;

    /// <summary>Finds what a path leads to.</summary>
    /// <returns>Null if it is not known: elsewhere than on Linux, where Windows does not let an open file be removed, or if Linux does not tell.</returns>
    public static FileEntry? Find(string path)
    {
        if (!OperatingSystem.IsLinux())
            return null;

        try
        {
            if (Status(CurrentDirectory, path, 0, KindLinksAndNumber, out var status) == 0)
                return new FileEntry(((ulong)status.Major << 32) | status.Minor, status.Number, status.Links, status.Mode);
            return Marshal.GetLastPInvokeError() is NoSuchFile or NoDirectory ? default(FileEntry) : null;
        }
        catch (EntryPointNotFoundException)
        {
            // A C library from before 2018.
            return null;
        }
    }

    /// <summary>Gets whether both are the same file.</summary>
    public bool IsSameFile(FileEntry other) => Number == other.Number && Device == other.Device;

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Status(int directory, string path, int flags, uint mask, out FileStatus status);

    // struct statx, which is the same for every processor.
    [StructLayout(LayoutKind.Explicit, Size = 256)]
    private struct FileStatus
    {
        [FieldOffset(16)]
        public uint Links;

        [FieldOffset(28)]
        public ushort Mode;

        [FieldOffset(32)]
        public ulong Number;

        [FieldOffset(136)]
        public uint Major;

        [FieldOffset(140)]
        public uint Minor;
    }
}
