using Microsoft.Extensions.AI;

namespace Conversations;

/// <summary>Summarizes conversations with a chat client.</summary>
/// <remarks>
/// <para>The model receives a system message with the instructions, and one user message that quotes the last summary and the messages since, line by line. So the prompt follows the rules of every provider on roles, calls and
/// results, and quoted text cannot imitate the frame. Tool calls and results are shortened; reasoning and errors are omitted; other content is replaced by its media type.</para>
/// <para>The instructions and the quotation together cost about as much as a prompt of the agent may (<see cref="AgentOptions.TokenLimit"/>), or 32,000 tokens if the agent has no limit. If they would cost more, long
/// messages are shortened in the middle, the longest first; if that is not enough, messages in the middle are omitted. The prompt marks the omissions.</para>
/// <para>If the answer was cut off (<see cref="ChatFinishReason.Length"/>), the model is asked once more for a shorter one; if that is cut off too, it is used up to the end of its last sentence.
/// If the provider filtered the answer, an <see cref="InvalidOperationException"/> is thrown, and the last summary is kept. A blank answer is returned, and the caller refuses it.</para>
/// <para>The result reports the model, and the tokens of both requests together. If a request fails, nothing is reported of the one before it.</para>
/// <para>Thread-safe if the client is. Exceptions of the client are passed on. Exceptions of the summarizer do not contain content.</para>
/// </remarks>
public sealed class ChatClientSummarizer : IConversationSummarizer
{
    private readonly IChatClient _chatClient;
    private readonly string _instructions;
    private readonly ChatOptions _options;

    /// <summary>Initializes a summarizer; see <see cref="ChatClientSummarizerExtensions.AsConversationSummarizer"/>.</summary>
    /// <param name="chatClient">The client that calls the model. The summarizer does not dispose it.</param>
    /// <param name="options">The options of the summarizer; <see langword="null"/> for the defaults.</param>
    /// <exception cref="ArgumentException">The instructions are blank, or the client has conversations, so that a summary would be a turn.</exception>
    public ChatClientSummarizer(IChatClient chatClient, ChatClientSummarizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chatClient);
        options ??= new ChatClientSummarizerOptions();
        if (string.IsNullOrWhiteSpace(options.Instructions))
            throw new ArgumentException("The instructions are blank. Set a text, or leave the default.", nameof(options));
        if (chatClient.GetService(typeof(ConversationChatClient)) is not null)
            throw new ArgumentException("The client already has conversations. Pass the client that calls the model.", nameof(chatClient));

        _chatClient = chatClient;
        _instructions = options.Instructions;
        _options = options.ChatOptions?.Clone() ?? new ChatOptions();
    }

    /// <summary>Requests a summary from the model.</summary>
    /// <param name="request">The messages to summarize.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The summary without surrounding white space, with the model and the usage; empty if the model returned no text.</returns>
    /// <exception cref="InvalidOperationException">The provider filtered the summary.</exception>
    public async Task<SummaryResult> SummarizeAsync(SummaryRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var prompt = new SummaryPrompt(_instructions, request);
        var first = await AskAsync(prompt.Messages(), request, cancellationToken).ConfigureAwait(false);
        if (!IsCut(first))
            return Result(first.Text.Trim(), first);

        var second = await AskAsync(prompt.Messages(isSecond: true), request, cancellationToken).ConfigureAwait(false);
        var isWhole = !IsCut(second) && !string.IsNullOrWhiteSpace(second.Text);
        return Result(isWhole ? second.Text.Trim() : WholeSentences(string.IsNullOrWhiteSpace(second.Text) ? first.Text : second.Text), first, second);
    }

    private SummaryResult Result(string text, params IReadOnlyList<ChatResponse> responses) => new(text)
    {
        Model = responses[^1].ModelId ?? _options.ModelId,
        Usage = ChatUsage.Of(responses),
    };

    private static bool IsCut(ChatResponse response) => response.FinishReason == ChatFinishReason.Length;

    // An incomplete sentence can state the opposite of the complete one, and an incomplete number is another number.
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
            ?? throw new InvalidOperationException("The client returned null instead of a response. Return a ChatResponse.");
        return response.FinishReason == ChatFinishReason.ContentFilter
            ? throw new InvalidOperationException("The provider filtered the summary.")
            : response;
    }
}
