namespace Conversations.Soak;

/// <summary>How much of each part runs.</summary>
/// <param name="Seed">Determines what happens.</param>
/// <param name="Kills">How many children are killed; 0 leaves them out.</param>
/// <param name="Schedules">How many schedules run on each store; 0 leaves them out.</param>
/// <param name="Cancellations">How many tokens are cancelled; 0 leaves them out.</param>
/// <param name="Turns">How many turns each of two processes has on one conversation; 0 leaves out all faults.</param>
/// <param name="Steady">How many turns run over 1,000 conversations, with readers; 0 leaves them out.</param>
/// <param name="ScheduleSeed">The one schedule that is run, with its steps shown, and nothing else; <see langword="null"/> for all.</param>
internal sealed record SoakOptions(int Seed, int Kills, int Schedules, int Cancellations, int Turns, int Steady = 0, int? ScheduleSeed = null);
