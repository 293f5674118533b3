using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Conversations.Sqlite.Tests;

/// <summary>The store in a host: its options, and where its file is.</summary>
public sealed class SqliteHostTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task UseSqlite_takes_a_relative_path_from_the_content_root()
    {
        var builder = Builder();
        builder.Services.AddConversations(options => options.AddAgent("bot")).UseSqlite("Data Source=data.db");
        using var host = builder.Build();

        await host.Services.GetRequiredService<ConversationManager>().ForIdentity(ConversationIdentity.ForUser("ann")).CreateAsync("bot", cancellationToken: Cancellation);

        File.Exists(_folder.File("data.db")).Should().BeTrue();
    }

    [Fact]
    public async Task UseSqlite_has_the_services_of_the_host_and_the_options_of_its_name()
    {
        var builder = Builder();
        builder.Configuration["ConnectionStrings:chats"] = "Data Source=chats.db";
        builder.Services.AddConversations(options => options.AddAgent("bot")).UseSqlite("Data Source=data.db");
        builder.Services.AddKeyedConversations("support", options => options.AddAgent("bot"))
            .UseSqlite((provider, options) => options.ConnectionString = provider.GetRequiredService<Microsoft.Extensions.Configuration.IConfiguration>()["ConnectionStrings:chats"]!);
        builder.Services.Configure<SqliteConversationStoreOptions>("support", options => options.ReaderCount = 2);
        using var host = builder.Build();

        await host.Services.GetRequiredKeyedService<IConversationStore>("support").PingAsync(Cancellation);

        File.Exists(_folder.File("chats.db")).Should().BeTrue();
        File.Exists(_folder.File("data.db")).Should().BeFalse("the other manager was not used");
        host.Services.GetRequiredService<IOptionsMonitor<SqliteConversationStoreOptions>>().Get("support").ReaderCount.Should().Be(2);
    }

    [Fact]
    public async Task Start_fails_when_an_option_of_the_store_is_out_of_range()
    {
        var builder = Builder();
        builder.Services.AddConversations(options => options.AddAgent("bot")).UseSqlite(options => (options.ConnectionString, options.ReaderCount) = ("Data Source=data.db", 0));
        using var host = builder.Build();

        var starting = () => host.StartAsync(Cancellation);

        await starting.Should().ThrowAsync<OptionsValidationException>().WithMessage("*ReaderCount*");
    }

    public void Dispose() => _folder.Dispose();

    private HostApplicationBuilder Builder() => Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = Path.GetDirectoryName(_folder.File()) });
}
