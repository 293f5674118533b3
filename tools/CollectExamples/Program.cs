using CollectExamples;

// Collects the C# code blocks of the README, the guide and the package pages as code that Conversations.Guide compiles.
if (args is not [var root, var output, .. var paths])
{
    await Console.Error.WriteLineAsync("Usage: CollectExamples ROOT OUTPUT PAGE...");
    return 2;
}

var pages = paths.SelectMany(path => CodeBlock.Of(Path.GetRelativePath(root, path), File.ReadAllLines(path))).ToList();
File.WriteAllText(output, GuideSource.Of(root, pages));
return 0;
