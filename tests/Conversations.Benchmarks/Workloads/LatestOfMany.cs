using System.Globalization;

namespace Conversations.Benchmarks.Workloads;

/// <summary>W4: the 50 latest of a scope that has half of all conversations, and a page from their middle.</summary>
internal sealed class LatestOfMany : IWorkload
{
    private const int PageSize = 50;

    // Only what an index has: user and project, newest first.
    private const string Statement = ConversationColumns.Select + """

        FROM conversations c CROSS JOIN scopes s ON s.key = c.scope
        WHERE c.project = $project AND c.audience = $audience
        ORDER BY c.last_activity_at DESC, c.id DESC
        LIMIT 50
        """;

    public string Name => "W4";

    public string Title => "the latest of many";

    public bool WaitsForDisk => false;

    public int Measurements(Scale scale) => 1;

    public async Task<IReadOnlyList<Figure>> RunAsync(WorkloadContext context)
    {
        var lists = new List<List>();
        try
        {
            foreach (var conversations in context.Scale.Conversations)
                lists.Add(await List.MakeAsync(context, conversations));
            await Measurement.RunAsync(context, [.. lists.SelectMany(list => new[] { list.First, list.Later, list.Bare })]);

            var figures = new List<Figure>();
            foreach (var list in lists)
            {
                var among = string.Create(CultureInfo.InvariantCulture, $"among {list.Conversations:N0}");
                figures.Add(Figure.Of(Name, $"the 50 latest {among}", list.First.Samples, list.Bare.Samples, Goal.AtMost(1.3)));
                figures.Add(Figure.Of(Name, $"50 from the middle {among}, beside the latest", list.Later.Samples, list.First.Samples, Goal.AtMost(1.6)));
            }

            var last = string.Create(CultureInfo.InvariantCulture, $"the 50 latest among {lists[^1].Conversations:N0}, beside among {lists[0].Conversations:N0}");
            figures.Add(Figure.Of(Name, last, lists[^1].First.Samples, lists[0].First.Samples, Goal.AtMost(1.2)));
            return figures;
        }
        finally
        {
            foreach (var list in lists)
                await list.DisposeAsync();
        }
    }

    /// <summary>One database, and what is read of it.</summary>
    private sealed class List(Crowd crowd, Contender first, Contender later, Contender bare) : IAsyncDisposable
    {
        // A page takes as long as many other reads.
        private const int Shorter = 10;

        public int Conversations => crowd.Conversations;

        public Contender First { get; } = first;

        public Contender Later { get; } = later;

        public Contender Bare { get; } = bare;

        public static async Task<List> MakeAsync(WorkloadContext context, int conversations)
        {
            var crowd = await Crowd.MakeAsync(context.PathOf($"w4-{conversations}"), conversations);
            var view = crowd.Host.Manager.ForIdentity(Host.IdentityOf(Crowd.Busy));
            var cursor = await FindMiddleAsync(view, conversations / 4);
            var query = new ConversationQuery { PageSize = PageSize };
            var command = Workloads.Bare.Prepare(crowd.Bare, Statement, "$project", "$audience");
            command.Parameters[0].Value = ConversationScope.DefaultProject;
            command.Parameters[1].Value = Crowd.ScopeOf(Crowd.Busy).Owner.Audience;

            var reads = Math.Max(1, context.Scale.Reads / Shorter);
            return new List(
                crowd,
                Contender.Of(reads, _ => view.ListPageAsync(query)),
                Contender.Of(reads, _ => view.ListPageAsync(query, cursor)),
                Contender.Of(reads, _ =>
                {
                    using var rows = command.ExecuteReader();
                    while (rows.Read())
                        Workloads.Bare.Read(rows, ConversationColumns.Kinds);
                }));
        }

        public ValueTask DisposeAsync() => crowd.DisposeAsync();

        private static async Task<string?> FindMiddleAsync(ScopedConversations view, int middle)
        {
            string? cursor = null;
            for (var passed = 0; passed < middle;)
            {
                var page = await view.ListPageAsync(new ConversationQuery { PageSize = Math.Min(middle, ConversationQuery.MaxPageSize) }, cursor);
                passed += page.Items.Count;
                cursor = page.NextCursor;
            }

            return cursor;
        }
    }
}
