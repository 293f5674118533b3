using Conversations.Soak.Checking;

namespace Conversations.Soak;

/// <summary>The agents of the soak, and their answers.</summary>
internal static class Agents
{
    /// <summary>One history for each user.</summary>
    public const string Own = "own";

    /// <summary>One history for all.</summary>
    public const string Shared = "shared";

    /// <summary>Conversations that are created to be deleted. The ledger does not contain them.</summary>
    public const string Temporary = "temporary";

    public static ConversationOptions Options(Action<AgentOptions>? configure = null) => new ConversationOptions()
        .AddAgent(Own, agent => configure?.Invoke(agent))
        .AddAgent(Temporary)
        .AddAgent(Shared, agent =>
        {
            agent.Mode = PersistenceMode.Shared;
            agent.PartitionBy = [];
            configure?.Invoke(agent);
        });

    public static ScopedConversations As(this ConversationManager manager, string user) => manager.ForIdentity(ConversationIdentity.ForUser(user), new ConversationGrants { DeleteShared = true });

    /// <summary>A request, known by its key.</summary>
    public static TurnRequest Request(string agent, string user, int request) =>
        new(agent, new Mark(user, request, 0, PiecesOf(request)).ToString()) { IdempotencyKey = new Mark(user, request, 0, 0).ToString() };

    /// <summary>How many pieces the answer to a request has.</summary>
    public static int PiecesOf(int request) => 1 + (request % 3);

    /// <summary>A piece of the answer to the input of the turn.</summary>
    public static ConversationMessage Piece(ConversationTurn turn, int piece, string padding = "")
    {
        var question = Mark.Of(turn.Input[0]) ?? throw new InvalidOperationException("The turn was asked nothing of the soak's.");
        var text = question with { Piece = piece };
        return ConversationMessage.Assistant(padding.Length == 0 ? text.ToString() : $"{text} {padding}");
    }

    /// <summary>Answers a request, all pieces of it.</summary>
    public static Task AnswerAsync(ConversationTurn turn, CancellationToken cancellationToken)
    {
        for (var piece = 1; piece <= Mark.Of(turn.Input[0])!.Pieces; piece++)
            turn.Add(Piece(turn, piece));
        return Task.CompletedTask;
    }
}
