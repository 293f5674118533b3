using Microsoft.Extensions.AI;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>The shape of a prompt.</summary>
public sealed class ChatPromptTests
{
    [Fact]
    public void Neighbours_of_one_role_are_one_message_with_a_line_between_their_texts()
    {
        var prompt = Of([User("a"), User("b"), Assistant(new TextContent("c")), Assistant(Call("1")), Assistant(Call("2")), Tool(Result("1")), Tool(Result("2")), Assistant(new TextContent("d"))], User("e"));

        Shown(prompt).Should().Equal("user: a\n\nb", "assistant: c call 1 call 2", "tool: result 1 result 2", "assistant: d", "user: e");
        prompt[0].Text.Should().Be("a\n\nb");
    }

    [Fact]
    public void Input_is_joined_to_an_unanswered_message_and_not_changed()
    {
        var given = User("b");

        var prompt = Of([User("a")], given);

        Shown(prompt).Should().Equal("user: a\n\nb");
        given.Contents.Should().ContainSingle();
    }

    [Theory]
    [InlineData("author")]
    [InlineData("properties of the first")]
    [InlineData("properties of the second")]
    [InlineData("the client's own form")]
    public void Neighbours_with_different_properties_stay_separate(string difference)
    {
        var (first, second) = (User("a"), User("b"));
        switch (difference)
        {
            case "author":
                second.AuthorName = "Ben";
                break;
            case "properties of the first":
                first.AdditionalProperties = new() { ["cache"] = true };
                break;
            case "properties of the second":
                second.AdditionalProperties = new() { ["cache"] = true };
                break;
            default:
                second.RawRepresentation = new object();
                break;
        }

        ChatPrompt.Of([], [first, second], isCut: false).Should().Equal(first, second);
    }

    [Fact]
    public void Messages_of_several_authors_are_one_if_their_texts_name_them_and_answers_stay_separate()
    {
        var prompt = ChatPrompt.Of(
            [Named(User("a"), "Ann"), Named(User("b"), "Ann"), Named(User("c"), "Ben"), User("d"), Named(Assistant(new TextContent("e")), "Vera"), Named(Assistant(new TextContent("f")), "Otto")], [User("g")], isCut: false, authorsInText: true);

        Shown(prompt).Should().Equal("user: Ann: a\n\nAnn: b\n\nBen: c\n\nd", "assistant: e", "assistant: f", "user: g");
        prompt.Select(message => message.AuthorName).Should().Equal(null, "Vera", "Otto", null);
    }

    [Fact]
    public void First_message_is_of_the_user()
    {
        Shown(ChatPrompt.Of([Assistant(new TextContent("a"))], [User("b")], isCut: true)).Should().Equal("user: [Earlier messages are omitted.]", "assistant: a", "user: b");
        Shown(ChatPrompt.Of([Assistant(new TextContent("a"))], [User("b")], isCut: false)).Should().Equal("user: [The assistant spoke first.]", "assistant: a", "user: b");
        Shown(ChatPrompt.Of([Assistant(Call("1"))], [Tool(Result("1"))], isCut: true)).Should().Equal("user: [Earlier messages are omitted.]", "assistant: call 1", "tool: result 1");
    }

    [Fact]
    public void Note_about_the_missing_answer_is_between_a_result_and_the_next_user_message()
    {
        Shown(Of([User("a"), Assistant(Call("1")), Tool(Result("1")), User("b"), Assistant(Call("2")), Tool(Result("2"))], User("c")))
            .Should().Equal("user: a", "assistant: call 1", "tool: result 1", "assistant: [No answer was given.]", "user: b", "assistant: call 2", "tool: result 2", "assistant: [No answer was given.]", "user: c");
        Shown(ChatPrompt.Of([User("a"), Assistant(Call("1"))], [Tool(Result("1")), User("b")], isCut: false))
            .Should().Equal("user: a", "assistant: call 1", "tool: result 1", "user: b");
    }

    [Fact]
    public void Contents_without_meaning_for_a_model_and_messages_without_others_are_omitted()
    {
        var nothing = Assistant(new ErrorContent("e"), new UsageContent(new()), new TextContent(""), new ConversationMessage(MessageRole.Assistant, new RawPart("""{"type":"theirs"}""")).ToChatMessage().Contents[0]);

        Shown(Of([User("a"), nothing, Assistant([new TextContent("b"), .. nothing.Contents])], User("c"))).Should().Equal("user: a", "assistant: b", "user: c");
    }

    [Fact]
    public void Approval_is_shown_only_while_it_is_answered()
    {
        var call = Call("1");
        var request = new ToolApprovalRequestContent("r", call);
        var response = new ToolApprovalResponseContent("r", approved: true, call);

        Of([User("a"), Assistant(request)], new ChatMessage(ChatRole.User, [response])).Should().HaveCount(3).And.Contain(message => message.Contents.Contains(request)).And.Contain(message => message.Contents.Contains(response));
        Shown(Of([User("a"), Assistant(request)], User("never mind"))).Should().Equal("user: a\n\nnever mind");
        Shown(Of([User("a"), Assistant(request), new ChatMessage(ChatRole.User, [response]), Assistant(call), Tool(Result("1")), Assistant(new TextContent("b"))], User("c")))
            .Should().Equal("user: a", "assistant: call 1", "tool: result 1", "assistant: b", "user: c");
        Shown(Of([User("a"), Assistant(request), new ChatMessage(ChatRole.User, [response])], User("hello?"))).Should().Equal("user: a\n\nhello?");
    }

    private static ChatMessage Named(ChatMessage message, string name)
    {
        message.AuthorName = name;
        return message;
    }

    private static List<ChatMessage> Of(List<ChatMessage> history, ChatMessage given) => ChatPrompt.Of(history, [given], isCut: false);

    private static ChatMessage User(string text) => new(ChatRole.User, text);

    private static ChatMessage Assistant(params IEnumerable<AIContent> contents) => new(ChatRole.Assistant, [.. contents]);

    private static ChatMessage Tool(AIContent content) => new(ChatRole.Tool, [content]);

    private static FunctionCallContent Call(string id) => new(id, "f");

    private static FunctionResultContent Result(string id) => new(id, "r");

    private static List<string> Shown(IEnumerable<ChatMessage> prompt) => [.. prompt.Select(message => $"{message.Role}: " + string.Join(' ', message.Contents.Select(content => content switch
    {
        TextContent text => text.Text,
        FunctionCallContent call => $"call {call.CallId}",
        FunctionResultContent result => $"result {result.CallId}",
        _ => content.GetType().Name,
    })).Replace(" \n\n", "\n\n", StringComparison.Ordinal))];
}
