namespace Conversations.Samples.Tests.ChatWithModel;

public sealed class ChatWithModelTests : IDisposable
{
    private readonly Sample _sample = new();

    // The machine that runs the tests may have keys.
    public ChatWithModelTests()
    {
        foreach (var variable in new[] { "ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "ANTHROPIC_AUTH_TOKEN", "OPENAI_API_KEY", "OPENAI_BASE_URL" })
            _sample.Environment[variable] = null;
    }

    public void Dispose() => _sample.Dispose();

    [Fact]
    public async Task Run_without_a_key_reports_it_and_the_second_run_remembers_the_first()
    {
        var first = await RunAsync();
        var second = await RunAsync();

        first.Output.Should().Contain("There is no ANTHROPIC_API_KEY and no OPENAI_API_KEY")
            .And.Contain("ada > When will it ship?\n  desk > Which order?", "the conversation was empty before")
            .And.Contain("""    calls   get_order {"id":"SO-2024-001"}""")
            .And.Contain("  desk > Order SO-2024-001 (two desk lamps) is packed and ships on Thursday 14 March.")
            .And.Contain("    error   Error: Function failed. Exception: There is no order SO-2024-999.")
            .And.Contain("(replaced)")
            .And.MatchRegex("this conversation: 8 requests, [1-9][0-9]+ tokens in, [1-9][0-9]+ out, 0.00[0-9]*[1-9][0-9]* dollars.*; [1-9][0-9] % of what was sent was history");
        second.Output.Should().Contain("Welcome back, ada").And.Contain("ada > When will it ship?\n  desk > Order SO-2024-003 (six chairs) ships today.", "the first run spoke of it last");
    }

    [Fact]
    public async Task Lines_that_are_piped_are_a_chat()
    {
        _sample.Input = "Where is SO-2024-002?\n/regenerate local-desk-brief\n/history\n/new\n/history\nWhen will it ship?\n/nonsense\n/quit\nWhere is SO-2024-001?\n";

        var run = await RunAsync();

        run.Output.Should()
            .Contain("  desk > Order SO-2024-002 (a standing desk) is waiting for a part and ships in the week of 18 March.  (replaced)\n")
            .And.Contain("  desk > waiting for a part, ships in the week of 18 March.\n")
            .And.Contain("  A new conversation.").And.Contain("  No messages yet.").And.Contain("  desk > Which order?")
            .And.Contain("  /usage ").And.NotContain("two desk lamps", "nothing is done after /quit");
    }

    [Theory]
    [InlineData("OPENAI_API_KEY", "OPENAI_BASE_URL")]
    [InlineData("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL")]
    public async Task Model_out_of_reach_is_one_plain_line_and_the_chat_continues(string key, string address)
    {
        _sample.Environment[key] = "key";
        _sample.Environment[address] = $"http://127.0.0.1:{FakeOpenAI.FreePort()}";
        _sample.Input = "Hello?\n/history\nStill there?\n";

        var run = await RunAsync();

        run.Output.Should().MatchRegex("ada > Hello\\?\n  \\(The model is out of reach, or its answer broke off. Your question is kept.\\)\n\nada > /history\n  ada > Hello\\?\n\nada > Still there\\?\n  \\(The model is out of reach");
    }

    [Fact]
    public async Task Invalid_address_is_refused()
    {
        _sample.Environment["OPENAI_BASE_URL"] = "somewhere";

        var run = await _sample.RunAsync("ChatWithModel");

        run.ExitCode.Should().Be(2);
        run.Errors.Should().StartWith("That is no path of a database, or no address of a model.");
    }

    [Fact]
    public async Task Refusals_of_the_provider_are_one_plain_line_and_the_next_message_is_answered()
    {
        await using var server = new FakeOpenAI();
        server.Refuse(401);
        server.Stream([FakeOpenAI.Text("Here "), FakeOpenAI.Text("I am.")]);
        Use(server);
        _sample.Input = "Hello?\nHello!\n/usage\n";

        var run = await RunAsync("--model", "gpt-test");

        run.Output.Should().Contain("gpt-test at 127.0.0.1:")
            .And.Contain("  (The model's provider does not accept the key (401). Your question is kept.)\n")
            .And.Contain("ada > Hello!\n  desk > Here I am.\n")
            .And.Contain("this conversation: 2 requests, 20 tokens in, 5 out, 0.000000 dollars, without 2 whose cost is not known");
        server.Requests[1]["messages"]!.AsArray().Select(message => message!["role"]!.ToString()).Should().Equal("system", "user");
    }

    [Fact]
    public async Task Too_many_requests_is_one_plain_line()
    {
        await using var server = new FakeOpenAI();
        server.Refuse(429);
        server.Refuse(429);
        Use(server);
        _sample.Input = "Hello?\n";

        var run = await RunAsync();

        run.Output.Should().Contain("  (Too much was asked of the model (429); try again in a while. Your question is kept.)\n");
    }

    [Fact]
    public async Task Answer_that_is_stopped_is_kept_and_sent_to_the_model()
    {
        await using var server = new FakeOpenAI();
        server.Stream([FakeOpenAI.Text("Once upon")], finishReason: null);
        server.Stream([FakeOpenAI.Text("a time.")]);
        Use(server);
        _sample.Input = "/stop Tell me a story.\n/history\nGo on.\n";

        var run = await RunAsync();

        run.Output.Should().Contain("  desk > Once upon\n  (stopped; what has come is kept)\n").And.Contain("  desk > Once upon  (stopped)\n").And.Contain("ada > Go on.\n  desk > a time.\n");
        server.Requests[1]["messages"]!.AsArray().Skip(1).Select(message => message!["content"]!.ToJsonString()).Should().Equal("\"Tell me a story.\"", "\"Once upon\"", "\"Go on.\"");
    }

    [Fact]
    public async Task Functions_that_the_model_calls_run_and_their_results_go_back_to_it()
    {
        await using var server = new FakeOpenAI();
        server.Stream(
            [
                FakeOpenAI.Text("Let me look."),
                """{"tool_calls":[{"index":0,"id":"call_a","type":"function","function":{"name":"get_order","arguments":""}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"{\"id\":"}}]}""",
                """{"tool_calls":[{"index":0,"function":{"arguments":"\"SO-2024-001\"}"}}]}""",
                """{"tool_calls":[{"index":1,"id":"call_b","type":"function","function":{"name":"get_order","arguments":"{\"id\":\"SO-2024-999\"}"}}]}""",
            ],
            "tool_calls");
        server.Stream([FakeOpenAI.Text("One is packed.")]);
        server.Stream([FakeOpenAI.Text("Packed.")]);
        Use(server);
        _sample.Input = "Where are they?\n/regenerate gpt-other\n/usage\n";

        var run = await RunAsync("--model", "gpt-test");

        run.Output.Should()
            .Contain("    calls   get_order {\"id\":\"SO-2024-001\"}\n    calls   get_order {\"id\":\"SO-2024-999\"}\n    result  {\"id\":\"SO-2024-001\"")
            .And.Contain("    error   Error: Function failed. Exception: There is no order SO-2024-999.\n  desk > One is packed.\n")
            .And.Contain("this conversation: 2 requests, 60 tokens in, 15 out");
        server.Requests.Select(request => request["model"]!.ToString()).Should().Equal("gpt-test", "gpt-test", "gpt-other");
        server.Requests[0]["tools"]!.AsArray().Select(tool => tool!["function"]!["name"]!.ToString()).Should().Equal("get_order", "list_orders");
        server.Requests[1]["messages"]!.AsArray().Select(message => message!["role"]!.ToString()).Should().Equal("system", "user", "assistant", "tool", "tool");
        server.Requests[1]["messages"]!.AsArray().Skip(3).Select(message => message!["tool_call_id"]!.ToString()).Should().Equal("call_a", "call_b");
    }

    private void Use(FakeOpenAI server)
    {
        _sample.Environment["OPENAI_API_KEY"] = "key";
        _sample.Environment["OPENAI_BASE_URL"] = server.Address.ToString();
    }

    private async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var run = await _sample.RunAsync("ChatWithModel", arguments);
        run.ExitCode.Should().Be(0, "{0}", run.Errors);
        return run with { Output = run.Output.ReplaceLineEndings("\n") };
    }
}
