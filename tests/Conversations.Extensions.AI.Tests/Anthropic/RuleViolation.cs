namespace Conversations.Extensions.AI.Tests;

/// <summary>A rule of the Messages API that a request broke.</summary>
/// <param name="Rule">A short stable name for tests, such as <c>tool-use-unanswered</c>.</param>
/// <param name="Message">What the API answers, in its own words where they are known.</param>
public sealed record RuleViolation(string Rule, string Message)
{
    /// <summary>The number of the request that broke it, from 1; 0 while it is being read.</summary>
    public int Request { get; init; }

    public override string ToString() => $"request {Request}: {Rule}: {Message}";
}
