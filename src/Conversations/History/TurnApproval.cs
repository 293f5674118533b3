using System.Text;

namespace Conversations;

/// <summary>A stored request for an approval, and the response to it.</summary>
/// <remarks>This type is immutable and thread-safe.</remarks>
/// <param name="Request">The request, as it was asked and stored.</param>
/// <param name="Response">The response; <see langword="null"/> if there is none yet.</param>
public sealed record TurnApproval(ApprovalRequestPart Request, ApprovalResponsePart? Response)
{
    // Without content, so that the text is safe to log.
    private bool PrintMembers(StringBuilder builder) => LogText.Print(builder, Response is null ? "(open)" : "(answered)");
}
