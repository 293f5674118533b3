using Conversations.Storage;
using Guide.WriteAStore;

namespace Conversations.Guide.Tests;

/// <summary>The store of docs/guide/write-a-store.md reports damage as rule 9.3 requires. The specification kit cannot damage data.</summary>
public sealed class TableStoreDamageTests
{
    [Theory]
    [InlineData((MessageRole)77, 0L, ContentFormat.Text)]
    [InlineData(MessageRole.User, -1L, ContentFormat.Text)]
    [InlineData(MessageRole.User, long.MaxValue, ContentFormat.Text)]
    [InlineData(MessageRole.User, 0L, ContentFormat.Json)]
    public void Message_is_an_error_when_it_is_damaged(MessageRole role, long createdAt, ContentFormat format)
    {
        var row = new MessageRow { Position = 1, Role = role, Kind = MessageKind.Message, Run = null, CreatedAt = createdAt, IsPartial = false, Format = format, Content = "secret" };

        var message = row.ToMessage("conv_1");

        message.Parts.Should().Equal(MessageContent.Damaged);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("{}")]
    public void Row_is_corrupt_when_its_json_is_damaged(string json)
    {
        var read = () => new RunRow { Number = 1, Json = json }.Stored;

        read.Should().Throw<ConversationStoreException>().Where(exception => exception.Code == ConversationErrorCodes.StoreCorrupt && exception.InnerException == null);
    }
}
