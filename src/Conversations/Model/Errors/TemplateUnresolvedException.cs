namespace Conversations;

/// <summary>A record has no value for a placeholder of a <c>ConversationIdTemplate</c> (<c>TEMPLATE_UNRESOLVED</c>): there would be no key of its own for it.</summary>
public sealed class TemplateUnresolvedException : ConversationException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="path">The path in the placeholder.</param>
    /// <param name="problem">Where on the path, and what is wrong there; no value.</param>
    /// <param name="innerException">What the record itself threw.</param>
    public TemplateUnresolvedException(string path, string problem, Exception? innerException = null)
        : base(ConversationErrorCodes.TemplateUnresolved, $"The placeholder {{{path}}} has no value: {problem}.", innerException) => Path = path;

    /// <summary>The path in the placeholder: <c>record.company</c>.</summary>
    public string Path { get; }
}
