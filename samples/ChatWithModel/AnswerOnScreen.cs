using System.Text.Json;
using Microsoft.Extensions.AI;

namespace ChatWithModel;

/// <summary>Writes an answer to the console as it comes.</summary>
internal sealed class AnswerOnScreen
{
    private bool _isInText;

    /// <summary>Whether the model has written something yet.</summary>
    public bool HasText { get; private set; }

    public void Write(ChatResponseUpdate update)
    {
        foreach (var content in update.Contents)
        {
            switch (content)
            {
                case TextContent { Text.Length: > 0 } text:
                    Console.Write(_isInText ? text.Text : $"  desk > {text.Text}");
                    _isInText = true;
                    HasText = true;
                    break;
                case FunctionCallContent call:
                    WriteLine($"    calls   {call.Name} {JsonSerializer.Serialize(call.Arguments, JsonSerializerOptions.Web)}");
                    break;
                case FunctionResultContent result:
                    WriteLine($"    {(result.Exception is null ? "result" : "error ")}  {result.Result as string ?? JsonSerializer.Serialize(result.Result, JsonSerializerOptions.Web)}");
                    break;
            }
        }
    }

    /// <summary>Ends the line, and says why the answer ended, if there is a reason.</summary>
    public void End(string? reason = null)
    {
        if (_isInText)
            Console.WriteLine();
        if (reason is not null)
            Console.WriteLine($"  ({reason})");
        _isInText = false;
    }

    private void WriteLine(string line)
    {
        End();
        Console.WriteLine(line);
    }
}
