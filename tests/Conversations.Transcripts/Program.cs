using Conversations.Extensions.AI.Tests.Replays;
using Conversations.Transcripts;

if (args is ["windows", _, ..])
    return await WindowCheck.RunAsync(args[1..], Console.Out) ? 0 : 1;
if (args is [var provider, _, ..] && ReplayProvider.Names.Contains(provider))
    return await ClientCheck.RunAsync(provider, args[1..], Console.Out) ? 0 : 1;
if (args is ["cache", _, ..])
    return await CacheCheck.RunAsync(args[1..], Console.Out) ? 0 : 1;

await Console.Error.WriteLineAsync(
    """
    Run it in Release.
    windows FILE...    checks the window of every prefix of every conversation of the files, with every limit of 1 to 64 messages and of 50 to 8,000 tokens in steps
    anthropic FILE...  has every conversation again with the provider's client, against a server on this machine that enforces its rules: cut by every window of 2 to 40 messages, streamed or not, with thinking,
                       pictures, refusals, second answers and other models, functions called inside or outside, and errors, cut streams and cancellations between
    openai FILE...     the same with OpenAI's client of chat completions
    responses FILE...  the same with OpenAI's client of responses
    cache FILE...      computes what a provider's prompt cache serves of conversations of 200 messages, joined from those of the files, and what the default window costs relative to one that slides
    """);
return 2;
