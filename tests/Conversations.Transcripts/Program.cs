using Conversations.Transcripts;

if (args is ["windows", _, ..])
    return await WindowCheck.RunAsync(args[1..], Console.Out) ? 0 : 1;

await Console.Error.WriteLineAsync(
    """
    Run it in Release.
    windows FILE...    checks the window of every prefix of every conversation of the files, with every limit of 1 to 64 messages and of 50 to 8,000 tokens in steps
    """);
return 2;
