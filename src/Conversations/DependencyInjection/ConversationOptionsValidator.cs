using Conversations.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Conversations;

/// <summary>Validates at start-up what would otherwise fail at first use: invalid options, or a missing store.</summary>
internal sealed class ConversationOptionsValidator(IServiceProvider provider) : IValidateOptions<ConversationOptions>
{
    public const string NoStore = "No store was chosen for conversations. Call UseSqlite(...) or UseInMemory() on what AddConversations returns, or register an IConversationStore.";

    public ValidateOptionsResult Validate(string? name, ConversationOptions options)
    {
        var failures = options.Validate().ToList();

        // A container that cannot say what it has is asked when the manager is made.
        var hasStore = string.IsNullOrEmpty(name)
            ? provider.GetService<IServiceProviderIsService>()?.IsService(typeof(IConversationStore))
            : provider.GetService<IServiceProviderIsKeyedService>()?.IsKeyedService(typeof(IConversationStore), name);
        if (hasStore == false)
            failures.Add(NoStore);

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
