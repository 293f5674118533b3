using System.Globalization;

namespace Conversations.Soak.Checking;

/// <summary>The text of a message in a run of the soak: its user, its request, its piece, and the number of pieces. Piece 0 is the question.</summary>
internal sealed record Mark(string User, int Request, int Piece, int Pieces)
{
    public static Mark? Of(ConversationMessage message) =>
        message.Text.Split(' ')[0].Split('/') is [var user, var request, var piece, var pieces]
        && int.TryParse(request, CultureInfo.InvariantCulture, out var number)
        && int.TryParse(piece, CultureInfo.InvariantCulture, out var at)
        && int.TryParse(pieces, CultureInfo.InvariantCulture, out var of)
            ? new Mark(user, number, at, of)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{User}/{Request}/{Piece}/{Pieces}");
}
