namespace Conversations;

/// <summary>The properties that stand in a content's JSON beside its own. They are part of every database: they never change.</summary>
internal static class JsonMarkers
{
    /// <summary>The registered name of the type, as System.Text.Json writes it.</summary>
    public const string Type = "$type";

    /// <summary>The full name of a .NET type that is not registered.</summary>
    public const string Class = "$class";

    /// <summary>The value of what is no JSON object.</summary>
    public const string Value = "$value";

    /// <summary>What could not be written: the name of its .NET type stands in its place.</summary>
    public const string Lost = "$lost";

    /// <summary>Whether there was an exception.</summary>
    public const string Failed = "$failed";

    /// <summary>What a call's arguments were that could not be read.</summary>
    public const string Arguments = "$arguments";

    /// <summary>What kind of value a function's result is: one of <see cref="ResultKinds"/>.</summary>
    public const string Result = "$result";
}
