using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Conversations.Extensions.AI.Tests.Client;

/// <summary>Values that cannot be stored are also logged where System.Text.Json has no reflection, as in a program that is compiled ahead of time.</summary>
public sealed class WithoutReflectionTests
{
    [Fact]
    public async Task Lost_values_are_logged_without_reflection()
    {
        var program = typeof(LostValueTests).Assembly.Location;
        var settings = JsonNode.Parse(await File.ReadAllTextAsync(Path.ChangeExtension(program, "runtimeconfig.json"), TestContext.Current.CancellationToken))!;
        settings["runtimeOptions"]!.AsObject().TryAdd("configProperties", new JsonObject());
        settings["runtimeOptions"]!["configProperties"]!["System.Text.Json.JsonSerializer.IsReflectionEnabledByDefault"] = false;
        var folder = Directory.CreateTempSubdirectory("conversations-");
        try
        {
            var file = Path.Combine(folder.FullName, "without-reflection.runtimeconfig.json");
            await File.WriteAllTextAsync(file, settings.ToJsonString(), TestContext.Current.CancellationToken);
            string[] arguments = ["exec", "--runtimeconfig", file, "--depsfile", Path.ChangeExtension(program, "deps.json"), program, "-noColor", "-class", typeof(LostValueTests).FullName!];
            using var run = Process.Start(new ProcessStartInfo("dotnet", arguments) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true })!;

            var output = await Task.WhenAll(run.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), run.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
            await run.WaitForExitAsync(TestContext.Current.CancellationToken);

            run.ExitCode.Should().Be(0, "{0}", string.Concat(output));
            output[0].Should().MatchRegex("Total: [1-9]");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
