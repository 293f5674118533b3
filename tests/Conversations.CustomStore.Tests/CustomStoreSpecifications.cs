using System.Diagnostics;
using System.Globalization;
using Conversations.Storage;
using Conversations.StoreSpecification;
using CustomStore;

[assembly: StoreLacks(typeof(MigrationSpecification<>), "there is no older version")]
[assembly: StoreLacks(typeof(StreamSpecification<>), "a journal has no optional features")]
[assembly: StoreLacks(typeof(UsageSpecification<>), "a journal has no optional features")]
[assembly: StoreLacks(typeof(MessageDataSpecification<>), "a journal has no optional features")]
[assembly: StoreLacks(typeof(FeedbackSpecification<>), "a journal has no optional features")]
[assembly: StoreLacks(typeof(SharedDataSpecification<>), "one store at a time has a journal open; a second one is refused")]
[assembly: StoreLacks(typeof(LockedDataSpecification<>), "one store at a time has a journal open; it waits for no other program")]

namespace Conversations.CustomStore.Tests;

public sealed class CustomStoreFixture : VersionedStoreFixture
{
    private readonly TemporaryFolder _folder = new();

    public override ValueTask<IConversationStore> OpenAsync(string name, TimeProvider timeProvider) =>
        ValueTask.FromResult<IConversationStore>(new JournalConversationStore(Path.Combine(_folder.Path, name), timeProvider));

    /// <summary>The journal is locked against other openers, this process included, so another program copies it.</summary>
    public override async ValueTask CopyAsync(string name, string copy)
    {
        using var copying = Process.Start("cp", ["-r", Path.Combine(_folder.Path, name), Path.Combine(_folder.Path, copy)]);
        await copying.WaitForExitAsync(TestContext.Current.CancellationToken);
        copying.ExitCode.Should().Be(0);
    }

    public override ValueTask<bool> IsOpenAsync(string name)
    {
        try
        {
            using var file = new FileStream(Journal(name), FileMode.Open, FileAccess.ReadWrite, FileShare.None);
            return new(false);
        }
        catch (IOException)
        {
            return new(true);
        }
    }

    public override async ValueTask SetVersionAsync(string name, int version)
    {
        var (before, _, after) = await ReadAsync(name);
        await File.WriteAllTextAsync(Journal(name), string.Create(CultureInfo.InvariantCulture, $"{before}{version}{after}"));
    }

    public override async ValueTask<int> GetVersionAsync(string name) => (await ReadAsync(name)).Version;

    public override ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return base.DisposeAsync();
    }

    private async Task<(string Before, int Version, string After)> ReadAsync(string name)
    {
        var text = await File.ReadAllTextAsync(Journal(name));
        var end = text.IndexOf('}', StringComparison.Ordinal);
        var start = text.LastIndexOf(':', end) + 1;
        return (text[..start], int.Parse(text.AsSpan(start, end - start), CultureInfo.InvariantCulture), text[end..]);
    }

    private string Journal(string name) => Path.Combine(_folder.Path, name, "journal.jsonl");
}

public sealed class CustomStoreCoverage
{
    [Fact]
    public void No_specification_is_left_out() => StoreSpecificationCoverage.MissingFrom(typeof(CustomStoreCoverage).Assembly).Should().BeEmpty();
}

public sealed class CustomStoreAccess : AccessSpecification<CustomStoreFixture>;

public sealed class CustomStoreCancellation : CancellationSpecification<CustomStoreFixture>;

public sealed class CustomStoreConditionalWrite : ConditionalWriteSpecification<CustomStoreFixture>;

public sealed class CustomStoreConversation : ConversationSpecification<CustomStoreFixture>;

public sealed class CustomStoreCopy : CopySpecification<CustomStoreFixture>;

public sealed class CustomStoreDeletion : DeletionSpecification<CustomStoreFixture>;

public sealed class CustomStoreDisposal : DisposalSpecification<CustomStoreFixture>;

public sealed class CustomStoreIdempotencyKey : IdempotencyKeySpecification<CustomStoreFixture>;

public sealed class CustomStoreListing : ListingSpecification<CustomStoreFixture>;

public sealed class CustomStoreMessage : MessageSpecification<CustomStoreFixture>;

public sealed class CustomStoreMessagePage : MessagePageSpecification<CustomStoreFixture>;

public sealed class CustomStoreRace : RaceSpecification<CustomStoreFixture>;

public sealed class CustomStoreRun : RunSpecification<CustomStoreFixture>;

public sealed class CustomStoreScope : ScopeSpecification<CustomStoreFixture>;

public sealed class CustomStoreValue : ValueSpecification<CustomStoreFixture>;

public sealed class CustomStoreWindow : WindowSpecification<CustomStoreFixture>;

public sealed class CustomStorePersistence : PersistenceSpecification<CustomStoreFixture>;

public sealed class CustomStoreVersion : VersionSpecification<CustomStoreFixture>;
