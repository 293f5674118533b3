namespace Conversations.Tests.History;

/// <summary>The default estimates follow the published rules, and a counter of the host can follow others.</summary>
public sealed class MediaCostTests
{
    private const int OfMessage = 4;

    private static readonly ITokenCounter Counter = TokenCounter.Estimate;

    // OpenAI's examples for high detail: 1024 x 1024 is 765 and 2048 x 4096 is 1105 tokens. Anthropic's: 200 x 200 is about 54, 1000 x 1000 about 1334, 1092 x 1092 about 1590.
    [Theory]
    [InlineData(1024, 1024, 1399)]
    [InlineData(2048, 4096, 1600)]
    [InlineData(200, 200, 258)]
    [InlineData(1000, 1000, 1334)]
    [InlineData(1092, 1092, 1590)]
    [InlineData(513, 513, 765)]
    [InlineData(3000, 600, 765)]
    [InlineData(3000, 1100, 1445)]
    [InlineData(100_000, 1, 765)]
    [InlineData(1, 1, 258)]
    public void Picture_costs_the_highest_of_the_published_rules(int width, int height, int tokens) =>
        new MediaInfo("image/png") { Width = width, Height = height }.DefaultTokens.Should().Be(tokens);

    [Fact]
    public void Picture_of_400_KB_costs_1600_tokens_at_most() =>
        PromptCost.Count(Counter, Message(new DataPart("image/png", new byte[400_000]))).Should().Be(new TokenAmount(OfMessage + 1_600, Counter.Name));

    [Theory]
    [InlineData("image/png", null, 1_600)]
    [InlineData("audio/mpeg", 480_000, 1_952)]
    [InlineData("audio/wav", 320_000, 352)]
    [InlineData("audio/ogg", null, 1_920)]
    [InlineData("video/mp4", 1_250_000, 3_300)]
    [InlineData("application/pdf", 400_000, 21_000)]
    [InlineData("application/pdf", null, 30_000)]
    [InlineData("application/octet-stream", 10, 3_000)]
    [InlineData("text/csv", 3_000, 1_000)]
    [InlineData("application/vnd.api+json; charset=utf-8", 3_000, 1_000)]
    public void Media_cost_an_estimate_by_their_kind_and_size(string mediaType, int? size, int tokens) =>
        new MediaInfo(mediaType) { Size = size }.DefaultTokens.Should().Be(tokens);

    [Fact]
    public void Data_cost_the_same_with_and_without_their_bytes()
    {
        var picture = new DataPart("image/gif", Convert.FromHexString("4749463839618002E001"));

        PromptCost.Count(Counter, Message(picture.WithoutData())).Should().Be(PromptCost.Count(Counter, Message(picture)));
        PromptCost.Count(Counter, Message(picture)).Count.Should().Be(OfMessage + 425);
    }

    [Fact]
    public void Text_file_costs_its_text()
    {
        var text = string.Concat(Enumerable.Repeat("Some words of a file. ", 100));

        var tokens = PromptCost.Count(Counter, Message(new DataPart("text/markdown", System.Text.Encoding.UTF8.GetBytes(text))));

        tokens.Count.Should().Be(OfMessage + Counter.Count(text));
    }

    [Fact]
    public void Raw_part_with_a_media_type_costs_an_estimate()
    {
        var picture = new RawPart($$"""{"type":"image","media_type":"image/png","data":"{{new string('A', 10_000)}}"}""");
        var other = new RawPart("""{"type":"image","media_type":7,"data":"AAAA"}""");

        PromptCost.Count(Counter, Message(picture)).Count.Should().Be(OfMessage + 1_600);
        PromptCost.Count(Counter, Message(other)).Count.Should().Be(OfMessage + Counter.Count(other.Json));
    }

    [Fact]
    public void WithMedia_counts_media_by_the_function_and_text_as_before()
    {
        var counter = TokenCounter.WithMedia(Counter, "estimate and tiles/1", media => media.Width is null ? 7 : media.Width.Value);

        var tokens = PromptCost.Count(counter, Message(new TextPart("some text"), new DataPart("image/gif", Convert.FromHexString("4749463839618002E001")), new DataPart("audio/wav", new byte[100])));

        tokens.Should().Be(new TokenAmount(OfMessage + Counter.Count("some text") + 640 + 7, "estimate and tiles/1"));
    }

    [Fact]
    public void Negative_count_of_a_host_throws_and_names_the_counter()
    {
        var counter = TokenCounter.WithMedia(Counter, "broken", _ => -1);

        var count = () => PromptCost.Count(counter, Message(new DataPart("image/png", new byte[9])));

        count.Should().Throw<InvalidOperationException>().WithMessage("*'broken'*");
    }

    private static ConversationMessage Message(params ContentPart[] parts) => new(MessageRole.User, parts);
}
