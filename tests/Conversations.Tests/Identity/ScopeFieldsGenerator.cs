using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Identity;

/// <summary>Makes scopes of hostile texts, alone and in pairs that are the same, nearly the same, or strangers.</summary>
internal static class ScopeFieldsGenerator
{
    private static readonly Gen<string> Name = Gen.Frequency(
        (3, Gen.Elements(IdentityFields.UserId, IdentityFields.TenantId, IdentityFields.SessionId)),
        (2, HostileText.Any));

    private static readonly Gen<KeyValuePair<string, string?>> Field =
        from name in Name
        from value in Gen.Frequency((6, HostileText.Any.Select(text => (string?)text)), (1, Gen.Constant<string?>(null)))
        select KeyValuePair.Create(name, value);

    private static readonly Gen<ScopeFields> One =
        from project in Gen.Frequency((1, Gen.Constant(ConversationScope.DefaultProject)), (1, HostileText.Any))
        from agent in HostileText.Any
        from channel in HostileText.Any
        from isShared in Gen.Elements(true, false)
        from thread in Gen.Frequency((1, Gen.Constant<string?>(null)), (1, HostileText.Any.Select(text => (string?)text)))
        from count in Gen.Choose(0, 4)
        from fields in Field.ArrayOf(count)
        from spare in HostileText.Any
        select Sound(new ScopeFields { Project = project, Agent = agent, Channel = channel, IsShared = isShared, Thread = thread, Fields = fields }, spare);

    /// <summary>Any scope.</summary>
    public static Arbitrary<ScopeFields> Scopes { get; } = One.ToArbitrary();

    /// <summary>Two scopes, near enough to be confused.</summary>
    public static Arbitrary<(ScopeFields One, ScopeFields Other)> Pairs { get; } =
        (from one in One
         from stranger in One
         from other in Gen.OneOf(Gen.Constant(stranger), Neighbour(one), Neighbour(one), Neighbour(one))
         select (one, Sound(other, "x"))).ToArbitrary();

    private static Gen<ScopeFields> Neighbour(ScopeFields one) => Gen.OneOf(
        Gen.Constant(one with { Fields = [.. one.Fields.Reverse()] }),
        Gen.Constant(one with { IsShared = !one.IsShared }),
        Gen.Constant(one with { Agent = one.Project, Project = one.Agent }),
        Gen.Constant(one with { Agent = one.Channel, Channel = one.Agent }),
        Gen.Constant(one with { Fields = [.. one.Fields.Select(field => KeyValuePair.Create(field.Value ?? field.Key, (string?)field.Key))] }),
        Gen.Constant(one with { Fields = [.. one.Fields.Skip(1)] }),
        HostileText.LookingLike(one.Agent).Select(agent => one with { Agent = agent }),
        HostileText.LookingLike(one.Project).Select(project => one with { Project = project }),
        HostileText.LookingLike(one.Channel).Select(channel => one with { Channel = channel }),
        HostileText.LookingLike(one.Thread ?? "#").Select(thread => one with { Thread = thread }),
        LookingLike(one));

    private static Gen<ScopeFields> LookingLike(ScopeFields one) =>
        from index in Gen.Choose(0, Math.Max(0, one.Fields.Count - 1))
        from value in HostileText.LookingLike(one.Fields.Count > 0 ? one.Fields[index].Value ?? "" : "")
        from name in HostileText.LookingLike(one.Fields.Count > 0 ? one.Fields[index].Key : "")
        from inName in Gen.Elements(true, false)
        select one with
        {
            Fields = [.. one.Fields.Select((field, at) =>
                at != index ? field : inName ? KeyValuePair.Create(name, field.Value) : KeyValuePair.Create(field.Key, (string?)value))],
        };

    /// <summary>Names occur once, and a scope that is not shared has an identity.</summary>
    private static ScopeFields Sound(ScopeFields fields, string spare)
    {
        var sound = fields with { Fields = [.. fields.Fields.DistinctBy(field => field.Key, StringComparer.Ordinal)] };
        return sound.IsShared || sound.HasIdentity
            ? sound
            : sound with { Fields = [KeyValuePair.Create(IdentityFields.UserId, (string?)spare)] };
    }
}
