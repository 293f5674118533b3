namespace Conversations.Sqlite.Tests;

/// <summary>What a ping finds in a file, and the health check that reports it.</summary>
public sealed class SqliteHealthTests : IDisposable
{
    private static readonly CancellationToken Token = TestContext.Current.CancellationToken;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Check_of_a_store_that_works_is_healthy_and_writes_nothing()
    {
        await CreateAsync();
        using var inspector = new Inspector(_folder);
        var before = inspector.Strings("PRAGMA data_version");

        await PingAsync(_folder.ConnectionString());
        var health = await CheckAsync(_folder.ConnectionString());

        health.Should().Match<StoreHealth>(found => found.IsHealthy && found.Code == null);
        inspector.Strings("PRAGMA data_version").Should().Equal(before);
    }

    [Fact]
    public async Task Check_of_a_read_only_store_is_read_only()
    {
        await CreateAsync();

        await ShouldFindAsync($"{_folder.ConnectionString()};Mode=ReadOnly", ConversationErrorCodes.StoreReadOnly);
    }

    [Fact]
    public async Task Check_of_a_store_that_another_process_keeps_locked_is_unavailable()
    {
        await CreateAsync();
        using var other = new Inspector(_folder);
        other.Execute("BEGIN IMMEDIATE");

        await ShouldFindAsync(_folder.ConnectionString(), ConversationErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task Check_of_a_damaged_store_is_corrupt()
    {
        await File.WriteAllTextAsync(_folder.File(), new string('x', 10_000), Token);

        await ShouldFindAsync(_folder.ConnectionString(), ConversationErrorCodes.StoreCorrupt);
    }

    [Fact]
    public async Task Check_of_a_missing_store_is_unavailable()
    {
        await ShouldFindAsync($"{_folder.ConnectionString()};Mode=ReadWrite", ConversationErrorCodes.StoreUnavailable);
    }

    [Fact]
    public async Task Check_of_a_store_of_a_newer_version_is_too_new()
    {
        await CreateAsync();
        using (var inspector = new Inspector(_folder))
            inspector.Execute("PRAGMA user_version = 99");

        await ShouldFindAsync(_folder.ConnectionString(), ConversationErrorCodes.SchemaTooNew);
    }

    private async Task CreateAsync()
    {
        await using var store = new SqliteConversationStore(_folder.ConnectionString());
        await store.BeginAsync();
    }

    private static async Task ShouldFindAsync(string connectionString, string code)
    {
        var ping = () => PingAsync(connectionString);
        (await ping.Should().ThrowAsync<ConversationStoreException>()).Which.Code.Should().Be(code);

        var health = await CheckAsync(connectionString);
        health.Should().Match<StoreHealth>(found => !found.IsHealthy && found.Code == code);
    }

    private static async Task<StoreHealth> CheckAsync(string connectionString)
    {
        await using var store = Open(connectionString);
        return await new ConversationMaintenance(store, new ConversationOptions()).CheckHealthAsync(Token);
    }

    private static async Task PingAsync(string connectionString)
    {
        await using var store = Open(connectionString);
        await store.PingAsync(Token);
    }

    private static SqliteConversationStore Open(string connectionString) =>
        new(new SqliteConversationStoreOptions { ConnectionString = connectionString, BusyTimeout = TimeSpan.Zero });
}
