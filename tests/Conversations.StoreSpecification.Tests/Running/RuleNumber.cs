using System.Globalization;

namespace Conversations.StoreSpecification.Tests.Running;

/// <summary>Puts the numbers of rules in the order of the contract, in which 4.2 comes before 16.1.</summary>
internal static class RuleNumber
{
    public static (int Chapter, int Rule) Order(string number)
    {
        var parts = number.Split('.');
        return (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
    }
}
