using Conversations.Transcripts;

if (args is ["windows", _, ..])
    return await WindowCheck.RunAsync(args[1..], Console.Out) ? 0 : 1;
if (args is ["anthropic", _, ..])
    return await AnthropicCheck.RunAsync(args[1..], Console.Out) ? 0 : 1;

await Console.Error.WriteLineAsync(
    """
    Run it in Release.
    windows FILE...    checks the window of every prefix of every conversation of the files, with every limit of 1 to 64 messages and of 50 to 8,000 tokens in steps
    anthropic FILE...  has every conversation again with the provider's client, against a server on this machine that enforces its rules: cut by every window of 2 to 40 messages,
                       every other one streamed, with errors, cut streams and cancellations between
    """);
return 2;
