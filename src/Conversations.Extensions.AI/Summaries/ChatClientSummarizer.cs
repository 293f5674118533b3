using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Summarises by a chat client.</summary>
/// <remarks>
/// <para>The model gets a system message with the instructions, and one user message that quotes the last summary and the messages since, line by line. So no rule of a provider on roles or on calls and their
/// results can be broken, and nothing that was said can pass for a part of the frame. Calls and results of tools are shown in short; reasoning and errors are left out; of a file only the kind is shown.</para>
/// <para>Instructions and quotation together cost about as much as a prompt of the agent may (<see cref="AgentOptions.TokenLimit"/>), or 32,000 tokens where that has no limit. Where they would cost more, long
/// messages are shortened in their middle, the longest first; if that is not enough, messages in the middle are left out. The model is told where.</para>
/// <para>An answer that was cut off (<see cref="ChatFinishReason.Length"/>) is asked for once more, and shorter; if that is cut off too, it is taken up to the end of its last sentence.
/// One that the provider filtered is an <see cref="InvalidOperationException"/>, so that the last summary stays. A blank one is returned as it is, and refused by the caller.</para>
/// <para>What its requests cost is in no run's usage.</para>
/// <para>Safe from any thread if the client is. What the client throws goes on to the caller. No exception of its own holds what was said.</para>
/// </remarks>
public sealed class ChatClientSummarizer : IConversationSummarizer
{
    private readonly IChatClient _chatClient;
    private readonly string _instructions;
    private readonly ChatOptions _options;

    /// <summary>Makes a summarizer; see <see cref="ChatClientSummarizerExtensions.AsConversationSummarizer"/>.</summary>
    /// <param name="chatClient">The client that asks the model; it is not disposed by the summarizer.</param>
    /// <param name="options">How the model is asked; <see langword="null"/> for as usual.</param>
    /// <exception cref="ArgumentException">The instructions are blank, or the client has conversations itself: a summary would be a turn of one.</exception>
    public ChatClientSummarizer(IChatClient chatClient, ChatClientSummarizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        options ??= new ChatClientSummarizerOptions();
        if (string.IsNullOrWhiteSpace(options.Instructions))
            throw new ArgumentException("The instructions are blank.", nameof(options));
        if (chatClient.GetService(typeof(ConversationChatClient)) is not null)
            throw new ArgumentException("The client has conversations itself. Give the one that asks the model.", nameof(chatClient));

        _chatClient = chatClient;
        _instructions = options.Instructions;
        _options = options.ChatOptions?.Clone() ?? new ChatOptions();
    }

    /// <summary>Asks the model for a summary.</summary>
    /// <param name="request">What is to be summarised.</param>
    /// <param name="cancellationToken">Cancels the model.</param>
    /// <returns>The summary, without white space around it; empty if the model said nothing.</returns>
    /// <exception cref="InvalidOperationException">The provider filtered the summary.</exception>
    public async Task<string> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var prompt = new SummaryPrompt(_instructions, request);
        var first = await AskAsync(prompt.Messages(), request, cancellationToken).ConfigureAwait(false);
        if (!IsCut(first))
            return first.Text.Trim();

        var second = await AskAsync(prompt.Messages(isSecond: true), request, cancellationToken).ConfigureAwait(false);
        if (!IsCut(second) && !string.IsNullOrWhiteSpace(second.Text))
            return second.Text.Trim();

        return WholeSentences(string.IsNullOrWhiteSpace(second.Text) ? first.Text : second.Text);
    }

    private static bool IsCut(ChatResponse response) => response.FinishReason == ChatFinishReason.Length;

    // Half a sentence may say the opposite of the whole, and half a number is another one.
    private static string WholeSentences(string text)
    {
        text = text.Trim();
        for (var i = text.Length - 1; i > 0; i--)
        {
            if (text[i] is '\n' or '。' or '！' or '？' || (text[i] is '.' or '!' or '?' && i < text.Length - 1 && char.IsWhiteSpace(text[i + 1])))
                return text[..(i + 1)].TrimEnd();
        }

        return text;
    }

    private async Task<ChatResponse> AskAsync(IReadOnlyList<ChatMessage> messages, SummaryRequest request, CancellationToken cancellationToken)
    {
        var options = _options.Clone();
        options.MaxOutputTokens ??= request.TokenLimit;
        options.ConversationId = null;
        options.Tools = null;
        options.ToolMode = null;
        options.ResponseFormat = null;
        options.AllowBackgroundResponses = null;
        options.ContinuationToken = null;
        var response = await _chatClient.GetResponseAsync(messages, options, cancellationToken).ConfigureAwait(false)
            ?? throw new InvalidOperationException("The client returned null.");
        return response.FinishReason == ChatFinishReason.ContentFilter
            ? throw new InvalidOperationException("The provider filtered the summary.")
            : response;
    }
}
