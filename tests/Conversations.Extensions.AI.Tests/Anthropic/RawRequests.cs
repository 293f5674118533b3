using System.Net;
using System.Text;
using System.Text.Json;

namespace Conversations.Extensions.AI.Tests;

/// <summary>Requests written by hand, to break the rules with.</summary>
internal static class RawRequests
{
    /// <summary>A tool <c>f</c>, as a field of the body.</summary>
    public const string Tools = """ "tools": [{ "name": "f", "input_schema": { "type": "object" } }] """;

    private static readonly HttpClient Http = new();

    /// <summary>A body with these messages, and with further fields.</summary>
    public static string Body(string messages, string fields = Tools) =>
        $$"""{ "model": "m", "max_tokens": 2000, "messages": {{messages}}{{(fields.Length > 0 ? ", " + fields : "")}} }""";

    public static Task<RawAnswer> PostAsync(AnthropicServer server, string body) =>
        PostAsync(server, body, "/v1/messages", ("x-api-key", "a-key"), ("anthropic-version", "2023-06-01"));

    public static async Task<RawAnswer> PostAsync(AnthropicServer server, string body, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, server.Address + path)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        };

        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.ContentType = new(value);
            }
        }

        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        return new(response.StatusCode, response.Headers.RetryAfter?.Delta, text);
    }
}

/// <summary>What came back.</summary>
internal sealed record RawAnswer(HttpStatusCode Status, TimeSpan? RetryAfter, string Text)
{
    private JsonElement Json => JsonDocument.Parse(Text).RootElement;

    public string? ErrorType => Json.GetProperty("error").GetProperty("type").GetString();

    public string? ErrorMessage => Json.GetProperty("error").GetProperty("message").GetString();
}
