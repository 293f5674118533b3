using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>Specifies whether prompts show input that was not answered because its run failed, or because the model refused it (the finish reason <c>content_filter</c> or <c>refusal</c>). The output of such runs goes with their input. The input of a run that called tools is always shown, and so is
/// the input of a run that was cancelled or interrupted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FailedInputs>))]
public enum FailedInputs
{
    /// <summary>The newest one is shown until another input is answered, then it is excluded. Earlier ones are excluded. A provider that refuses an input does not refuse the later ones because of it.</summary>
    UntilAnswered,

    /// <summary>All are shown.</summary>
    Keep,

    /// <summary>None is shown.</summary>
    Exclude,
}
