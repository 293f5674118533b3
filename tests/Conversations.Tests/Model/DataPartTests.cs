namespace Conversations.Tests.Model;

public sealed class DataPartTests
{
    private static readonly byte[] Bytes = [1, 2, 3];

    [Fact]
    public void Constructor_copies_the_bytes()
    {
        var bytes = new byte[] { 1, 2, 3 };
        var part = new DataPart("image/png", bytes);

        bytes[0] = 9;

        part.Data.ToArray().Should().Equal(1, 2, 3);
        (part.Size, part.IsLoaded, part.Name).Should().Be((3, true, null));
    }

    [Theory]
    [InlineData("")]
    [InlineData("image")]
    [InlineData("image/png; =")]
    public void Constructor_throws_when_media_type_is_none(string mediaType)
    {
        var create = () => new DataPart(mediaType, Bytes);

        create.Should().Throw<ArgumentException>().Which.ParamName.Should().Be("mediaType");
    }

    [Fact]
    public void Hash_is_SHA_256_of_the_bytes() =>
        new DataPart("image/png", Bytes).Hash.Should().Be("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");

    [Fact]
    public void Part_equals_itself_without_its_bytes()
    {
        var part = new DataPart("image/png", Bytes, "a.png") { Metadata = """{"a":1}""" };

        part.WithoutData().Should().Be(part);
        part.WithoutData().GetHashCode().Should().Be(part.GetHashCode());
    }

    [Fact]
    public void Parts_differ_when_a_value_differs()
    {
        var part = new DataPart("image/png", Bytes, "a.png");

        new DataPart("image/gif", Bytes, "a.png").Should().NotBe(part);
        new DataPart("image/png", Bytes, "b.png").Should().NotBe(part);
        new DataPart("image/png", new byte[] { 1, 2, 4 }, "a.png").Should().NotBe(part);
        (part with { Metadata = "{}" }).Should().NotBe(part);
    }

    [Fact]
    public void Data_throws_when_the_bytes_are_not_loaded()
    {
        var read = () => new DataPart("image/png", Bytes).WithoutData().Data;

        read.Should().Throw<InvalidOperationException>().WithMessage("*LoadDataAsync*");
    }

    [Fact]
    public void WithData_returns_the_part_only_for_the_bytes_that_it_had()
    {
        var part = new DataPart("image/png", Bytes, "a.png") { Metadata = """{"a":1}""" };

        part.WithoutData().WithData(Bytes)!.Data.ToArray().Should().Equal(Bytes);
        part.WithoutData().WithData(Bytes).Should().Be(part);
        part.WithoutData().WithData(new byte[] { 1, 2, 4 }).Should().BeNull();
        part.WithoutData().WithData(new byte[] { 1, 2 }).Should().BeNull();
    }

    [Fact]
    public void ToString_contains_no_content() => new DataPart("image/png", Bytes, "secret.png").ToString().Should().Be("DataPart");

    [Theory]
    [InlineData("89504E470D0A1A0A 0000000D 49484452 00000280 000001E0", 640, 480)]
    [InlineData("474946383961 8002 E001", 640, 480)]
    [InlineData("52494646000000005745425056503858 0A00000000000000 7F0200 DF0100", 640, 480)]
    [InlineData("52494646000000005745425056503820 00000000 3001009D012A 8002 E001", 640, 480)]
    [InlineData("5249464600000000574542505650384C 00000000 2F 7FC27700 0000000000", 640, 480)]
    [InlineData("FFD8 FFE00010 4A46494600010100000100010000 FFFF C4 0004 0000 FFD0 FFC2 0011 08 01E0 0280 03", 640, 480)]
    public void Size_of_a_picture_is_read_from_its_first_bytes(string hex, int width, int height)
    {
        var part = new DataPart("IMAGE/any", Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal)));

        (part.Width, part.Height).Should().Be((width, height));
        (part.WithoutData().Width, part.WithoutData().Height).Should().Be((width, height));
    }

    [Fact]
    public void Size_of_a_picture_is_null_when_the_bytes_are_cut_off_or_random()
    {
        var random = new Random(7);
        var whole = Convert.FromHexString("FFD8FFE000104A46494600010100000100010000FFC200110801E0028003");
        foreach (var start in new[] { "FFD8FF", "89504E47", "474946383961", "524946460000000057454250565038", "" })
        {
            for (var i = 0; i < 200; i++)
            {
                var bytes = new byte[random.Next(40)];
                random.NextBytes(bytes);
                Convert.FromHexString(start).AsSpan()[..Math.Min(start.Length / 2, bytes.Length)].CopyTo(bytes);

                var part = new DataPart("image/png", bytes);

                (part.Width is null).Should().Be(part.Height is null);
                (part.Width is null or > 0).Should().BeTrue();
            }
        }

        for (var length = 0; length < 28; length++)
            new DataPart("image/jpeg", whole.AsMemory(0, length)).Width.Should().BeNull();
    }
}
