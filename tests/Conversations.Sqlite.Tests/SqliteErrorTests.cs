using Conversations.Storage;
using Microsoft.Data.Sqlite;

namespace Conversations.Sqlite.Tests;

/// <summary>What SQLite's errors are to callers.</summary>
public sealed class SqliteErrorTests
{
    [Theory]
    [InlineData(8, 8, ConversationErrorCodes.StoreReadOnly)]
    [InlineData(1544, 1544, ConversationErrorCodes.StoreReadOnly)]
    [InlineData(8, 776, ConversationErrorCodes.StoreReadOnly)]
    [InlineData(13, 13, ConversationErrorCodes.StoreFull)]
    [InlineData(11, 267, ConversationErrorCodes.StoreCorrupt)]
    [InlineData(26, 26, ConversationErrorCodes.StoreCorrupt)]
    [InlineData(517, 517, ConversationErrorCodes.StoreUnavailable)]
    [InlineData(14, 14, ConversationErrorCodes.StoreUnavailable)]
    public void Translate_uses_the_primary_code_of_either_code(int code, int extendedCode, string expected)
    {
        SqliteErrors.Translate(new SqliteException("secret", code, extendedCode)).Code.Should().Be(expected);
        SqliteErrors.Translate(new SqliteException("secret", code, extendedCode)).Message.Should().NotContain("secret");
    }
}
