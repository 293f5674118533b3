using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W5: from an identity to its current conversation, among many. The bare statement gets the session id, which the library computes first.</summary>
internal sealed class IdentityToConversation : IWorkload
{
    private const int Users = 200;

    private const string Statement = ConversationColumns.Select + " FROM scopes s CROSS JOIN conversations c ON c.key = s.current WHERE s.session_id = $session";

    public string Name => "W5";

    public string Title => "identity to conversation";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 1;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        var crowds = new List<Crowd>();
        try
        {
            foreach (var conversations in context.Scale.Conversations)
                crowds.Add(await Crowd.MakeAsync(context.PathOf($"w5-{conversations}"), conversations));

            var found = crowds.Select(crowd => Found(context, crowd)).ToList();
            var bare = crowds.Select(crowd => BareOf(context, crowd)).ToList();
            await Measurement.RunAsync(context, [.. found.Zip(bare).SelectMany(at => new[] { at.First, at.Second })]);

            var figures = new List<Figure>();
            foreach (var (i, crowd) in crowds.Index())
            {
                var among = string.Create(CultureInfo.InvariantCulture, $"among {crowd.Conversations:N0}");
                figures.Add(Figure.Of(Name, $"the current conversation {among}", found[i].Samples, bare[i].Samples, Goal.AtMost(2)));
            }

            var last = string.Create(CultureInfo.InvariantCulture, $"the current one among {crowds[^1].Conversations:N0}, beside among {crowds[0].Conversations:N0}");
            figures.Add(Figure.Of(Name, last, found[^1].Samples, found[0].Samples, Goal.AtMost(1.2)));
            return figures;
        }
        finally
        {
            foreach (var crowd in crowds)
                await crowd.DisposeAsync();
        }
    }

    private static Contender Found(WorkloadContext context, Crowd crowd)
    {
        var users = crowd.Others(Users);
        var fields = users.Select(user => Host.IdentityOf(user).UserId!).ToList();
        return Contender.Of(context.Scale.Reads, async i =>
        {
            var identity = ConversationIdentity.ForUser(fields[i % fields.Count]);
            _ = await crowd.Host.Manager.ForIdentity(identity).GetCurrentAsync(Host.Agent) ?? throw new InvalidOperationException("It is not there.");
        });
    }

    private static Contender BareOf(WorkloadContext context, Crowd crowd)
    {
        var sessions = crowd.Others(Users).Select(user => Crowd.ScopeOf(user).SessionId).ToList();
        var command = Bare.Prepare(crowd.Bare, Statement, "$session");
        return Contender.Of(context.Scale.Reads, i =>
        {
            command.Parameters[0].Value = sessions[i % sessions.Count];
            using var rows = command.ExecuteReader();
            rows.Read();
            Bare.Read(rows, ConversationColumns.Kinds);
        });
    }
}
