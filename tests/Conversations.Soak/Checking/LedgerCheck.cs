namespace Conversations.Soak.Checking;

/// <summary>Compares the content of a store with the requests and what was acknowledged. For runs in which nothing is deleted or copied, and only the last answer is regenerated.</summary>
internal sealed class LedgerCheck
{
    private readonly IReadOnlyList<ReadConversation> _conversations;
    private readonly Ledger _ledger;
    private readonly List<Finding> _findings = [];

    private LedgerCheck(IReadOnlyList<ReadConversation> conversations, Ledger ledger)
    {
        _conversations = conversations;
        _ledger = ledger;
    }

    /// <summary>Reads everything, as the host and as each user, and returns what is wrong.</summary>
    public static async Task<List<Finding>> RunAsync(ConversationManager manager, Ledger ledger)
    {
        var findings = Run((await ReadConversation.ReadAllAsync(manager)).FindAll(conversation => conversation.Data.Agent != Agents.Temporary), ledger);
        foreach (var user in ledger.Entries.Select(entry => entry.User).Distinct(StringComparer.Ordinal))
        {
            await foreach (var conversation in manager.ForIdentity(ConversationIdentity.ForUser(user)).ListAsync())
            {
                if (conversation.UserId is { } owner && owner != user)
                    findings.Add(new Finding(FindingKind.Foreign, $"{user} reaches {conversation.Id} of {owner}"));
            }
        }

        return findings;
    }

    /// <summary>Returns what is wrong with the conversations that were read.</summary>
    public static List<Finding> Run(IReadOnlyList<ReadConversation> conversations, Ledger ledger)
    {
        var check = new LedgerCheck(conversations, ledger);
        foreach (var conversation in conversations)
        {
            check.Positions(conversation);
            check.Numbers(conversation);
            check.Runs(conversation);
            check.Messages(conversation);
        }

        check.Requests();
        return check._findings;
    }

    private void Positions(ReadConversation conversation)
    {
        var positions = conversation.Messages.Select(message => message.Position).ToList();
        if (positions.Distinct().Count() < positions.Count)
            Add(FindingKind.Doubled, $"a position of {conversation.Data.Id} was assigned twice");
        else if (!positions.Order().SequenceEqual(Enumerable.Range(1, positions.Count).Select(position => (long)position)))
            Add(FindingKind.Lost, $"the positions of {conversation.Data.Id} have holes");
        if (conversation.Data.LastPosition != positions.Count || conversation.Data.MessageCount != positions.Count)
            Add(FindingKind.Torn, $"{conversation.Data.Id} holds {positions.Count} messages, and says {conversation.Data.MessageCount}, the last at {conversation.Data.LastPosition}");
    }

    private void Runs(ReadConversation conversation)
    {
        foreach (var run in conversation.Runs)
        {
            var input = conversation.Span(run.InputPosition, run.InputCount).ToList();
            var output = conversation.Span(run.OutputPosition, run.OutputCount).ToList();
            if (input.Count != run.InputCount || output.Count != run.OutputCount)
                Add(FindingKind.Torn, $"{run.Id} says that it has {run.InputCount} and {run.OutputCount} messages; there are {input.Count} and {output.Count}");
            if (output.Exists(message => message.RunNumber != run.Number))
                Add(FindingKind.Foreign, $"{run.Id} counts messages of another run as its own");
            if (input.Select(Mark.Of).FirstOrDefault() is not { } question)
                continue;

            if (run.Caller is { } caller && caller != ConversationIdentity.ForUser(question.User).Key)
                Add(FindingKind.Foreign, $"{run.Id} of {caller} answers {question}");
            var pieces = output.ConvertAll(Mark.Of);
            if (pieces.Exists(piece => piece is not null && (piece.User, piece.Request) != (question.User, question.Request)))
                Add(FindingKind.Foreign, $"{run.Id} holds an answer to another request than {question}");
            if (run.Outcome == RunStatus.Completed
                && !pieces.Select(piece => piece?.Piece).SequenceEqual(Enumerable.Range(1, question.Pieces).Select(piece => (int?)piece)))
            {
                Add(FindingKind.Torn, $"{run.Id} is completed and holds {output.Count} of {question.Pieces} pieces of the answer to {question}");
            }

            if (run.Outcome is not (RunStatus.Completed or RunStatus.Superseded) && output.Exists(message => !message.IsPartial))
                Add(FindingKind.Torn, $"{run.Id} is {run.Outcome}, and a message of it is not marked partial");
        }
    }

    private void Messages(ReadConversation conversation)
    {
        foreach (var message in conversation.Messages)
        {
            if (!conversation.Runs.Any(run => run.Number == message.RunNumber && (IsIn(message, run.InputPosition, run.InputCount) || IsIn(message, run.OutputPosition, run.OutputCount))))
                Add(FindingKind.Torn, $"no run contains {message.Id}");
            if (Mark.Of(message) is not { } mark || _ledger.Find(mark.User, mark.Request) is null)
                Add(FindingKind.Foreign, $"no request led to {message.Id}");
            else if (conversation.Data.UserId is { } user && user != mark.User)
                Add(FindingKind.Foreign, $"{mark} is in {conversation.Data.Id} of {user}");
        }
    }

    /// <summary>Runs are numbered within their conversation, from 1 on.</summary>
    private void Numbers(ReadConversation conversation)
    {
        var numbers = conversation.Runs.Select(run => run.Number).Order().ToList();
        if (numbers.Distinct().Count() < numbers.Count)
            Add(FindingKind.Doubled, $"a run number of {conversation.Data.Id} was assigned twice");
        else if (numbers.Count > 0 && (numbers[0] != 1 || numbers[^1] != numbers.Count))
            Add(FindingKind.Lost, $"the run numbers of {conversation.Data.Id} have gaps");
    }

    private void Requests()
    {
        var pieces = _conversations
            .SelectMany(conversation => conversation.Messages)
            .Where(message => !message.IsPartial && !message.IsSuperseded)
            .Select(message => (Mark: Mark.Of(message), Message: message))
            .Where(piece => piece.Mark is not null)
            .ToLookup(piece => (piece.Mark!.User, piece.Mark.Request));
        foreach (var entry in _ledger.Entries)
        {
            var stored = pieces[(entry.User, entry.Request)].ToList();
            foreach (var twice in stored.GroupBy(piece => piece.Mark!.Piece).Where(same => same.Count() > 1))
                Add(FindingKind.Doubled, $"{entry.User}/{entry.Request}/{twice.Key} is stored {twice.Count()} times");

            var answer = stored.FindAll(piece => piece.Mark!.Piece > 0);
            if (entry.RunId is { } runId && (stored.Count == answer.Count || answer.Count == 0 || answer.Exists(piece => piece.Message.RunId != (entry.MayBeAnother ? answer[0].Message.RunId : runId))))
                Add(FindingKind.Lost, $"{entry.User}/{entry.Request} was acknowledged as {runId}, which has no answer to it");
            if (entry.IsRefused && answer.Count > 0)
                Add(FindingKind.Wrong, $"{entry.User}/{entry.Request} was refused, and is answered");
        }
    }

    private static bool IsIn(StoredMessage message, long position, int count) => message.Position >= position && message.Position < position + count;

    private void Add(FindingKind kind, string text) => _findings.Add(new Finding(kind, text));
}
