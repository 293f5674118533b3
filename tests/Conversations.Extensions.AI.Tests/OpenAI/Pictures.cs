namespace Conversations.Extensions.AI.Tests;

/// <summary>Pictures: addresses, or data of a type that is known (platform.openai.com/docs/guides/images-vision).</summary>
internal static class Pictures
{
    private static readonly string[] Types = ["image/png", "image/jpeg", "image/gif", "image/webp"];

    public static void Check(string url, string path, Findings findings)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https")
        {
            return;
        }

        const string Mark = ";base64,";
        var type = Types.FirstOrDefault(type => url.StartsWith($"data:{type}{Mark}", StringComparison.Ordinal));
        var isBase64 = type is not null && Convert.TryFromBase64String(url[$"data:{type}{Mark}".Length..], new byte[url.Length], out var length) && length > 0;
        if (!isBase64)
        {
            findings.Add("picture", $"Invalid '{path}': expected a base64-encoded data URL with an image MIME type (e.g. 'data:image/png;base64,aW1nIGJ5dGVzIGhlcmU=').");
        }
    }
}
