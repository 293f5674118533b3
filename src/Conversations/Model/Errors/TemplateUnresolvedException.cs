namespace Conversations;

/// <summary>Thrown when a record has no value for a placeholder of a <c>ConversationIdTemplate</c> (<c>TEMPLATE_UNRESOLVED</c>), so that its key would not be unique.</summary>
public sealed class TemplateUnresolvedException : ConversationException
{
    /// <summary>Initializes a new instance of the exception.</summary>
    /// <param name="path">The path of the placeholder.</param>
    /// <param name="problem">The place on the path and the problem, without values.</param>
    /// <param name="innerException">The exception that the record threw.</param>
    public TemplateUnresolvedException(string path, string problem, Exception? innerException = null)
        : base(ConversationErrorCodes.TemplateUnresolved, $"The placeholder {{{path}}} has no value: {problem}.", innerException) => Path = path;

    /// <summary>Gets the path of the placeholder, such as <c>record.company</c>.</summary>
    public string Path { get; }
}
