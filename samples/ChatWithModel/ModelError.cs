using System.ClientModel;
using System.Net;
using Anthropic.Exceptions;

namespace ChatWithModel;

/// <summary>Describes an error of a model in one line.</summary>
internal static class ModelError
{
    public static string Explain(Exception exception) => exception switch
    {
        AnthropicApiException refusal => Explain(refusal.StatusCode),
        ClientResultException { Status: > 0 } refusal => Explain((HttpStatusCode)refusal.Status),
        AnthropicException or ClientResultException or HttpRequestException or IOException => "The model is out of reach, or its answer broke off.",
        OperationCanceledException or TimeoutException => "The model took too long.",

        // All tries have failed; the message of the last one is enough.
        AggregateException { InnerExceptions: [.., var last] } => Explain(last),
        _ => $"The model's answer cannot be read ({exception.GetType().Name}).",
    };

    private static string Explain(HttpStatusCode status) => status switch
    {
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => $"The model's provider does not accept the key ({(int)status}).",
        HttpStatusCode.NotFound => $"The provider has no such model or address ({(int)status}).",
        HttpStatusCode.TooManyRequests => $"Too much was asked of the model ({(int)status}); try again in a while.",
        >= HttpStatusCode.InternalServerError => $"The model's provider has trouble ({(int)status}); try again in a while.",
        _ => $"The model's provider refuses the request ({(int)status}).",
    };
}
