namespace Conversations;

/// <summary>The properties that this package adds to the JSON of a content. They are stored in databases and never change.</summary>
internal static class JsonMarkers
{
    /// <summary>The registered name of the type, as System.Text.Json writes it.</summary>
    public const string Type = "$type";

    /// <summary>The full name of a .NET type that is not registered.</summary>
    public const string Class = "$class";

    /// <summary>The value, if it is not a JSON object.</summary>
    public const string Value = "$value";

    /// <summary>The name of the .NET type of a value that could not be written.</summary>
    public const string Lost = "$lost";

    /// <summary>Marks a call or result that had an exception.</summary>
    public const string Failed = "$failed";

    /// <summary>The text of a call's arguments that could not be read.</summary>
    public const string Arguments = "$arguments";

    /// <summary>The kind of a function's result: one of <see cref="ResultKinds"/>.</summary>
    public const string Result = "$result";
}
