using FsCheck;
using FsCheck.Fluent;

namespace Conversations.Tests.Identity;

/// <summary>No two scopes share a form, over texts made to be confused. The seed is fixed, so that a failure comes again.</summary>
public sealed class ScopeProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(3_000).WithReplay(20260101, 11).WithQuietOnSuccess(true);

    [Fact]
    public void Identities_share_a_key_only_if_their_fields_are_the_same()
    {
        Prop.ForAll(ScopeFieldsGenerator.Pairs, pair =>
        {
            if (!pair.One.HasIdentity || !pair.Other.HasIdentity)
                return true;

            var one = pair.One.Identity();
            var other = pair.Other.Identity();
            var same = pair.One.HasSameIdentityAs(pair.Other);
            return string.Equals(one.Key, other.Key, StringComparison.Ordinal) == same
                && one.Equals(other) == same
                && (!same || one.GetHashCode() == other.GetHashCode());
        }).Check(Runs);
    }

    [Fact]
    public void Owners_share_an_audience_only_if_their_fields_are_the_same()
    {
        Prop.ForAll(ScopeFieldsGenerator.Pairs, pair =>
        {
            var one = pair.One.Owner();
            var other = pair.Other.Owner();
            var same = pair.One.HasSameOwnerAs(pair.Other);
            return string.Equals(one.Audience, other.Audience, StringComparison.Ordinal) == same
                && one.Equals(other) == same
                && (!same || one.GetHashCode() == other.GetHashCode());
        }).Check(Runs);
    }

    [Fact]
    public void Scopes_share_a_session_id_only_if_their_parts_are_the_same()
    {
        Prop.ForAll(ScopeFieldsGenerator.Pairs, pair =>
        {
            var one = pair.One.Scope();
            var other = pair.Other.Scope();
            var same = pair.One.HasSameScopeAs(pair.Other);
            return string.Equals(one.SessionId, other.SessionId, StringComparison.Ordinal) == same
                && one.Equals(other) == same
                && (!same || one.GetHashCode() == other.GetHashCode());
        }).Check(Runs);
    }

    [Fact]
    public void Parse_of_a_session_id_gives_an_equal_scope_with_equal_parts()
    {
        Prop.ForAll(ScopeFieldsGenerator.Scopes, fields =>
        {
            var scope = fields.Scope();

            var parsed = ConversationScope.Parse(scope.SessionId);

            return parsed.Equals(scope)
                && fields.IsWhat(parsed)
                && string.Equals(parsed.SessionId, scope.SessionId, StringComparison.Ordinal)
                && string.Equals(parsed.Owner.Audience, scope.Owner.Audience, StringComparison.Ordinal);
        }).Check(Runs);
    }

    [Fact]
    public void Parse_accepts_a_mutated_session_id_only_in_the_canonical_spelling()
    {
        var mutated =
            from fields in ScopeFieldsGenerator.Scopes.Generator
            from text in Mutation(fields.Scope().SessionId)
            select text;

        Prop.ForAll(mutated.ToArbitrary(), text => ParseOrNull(text) is not { } scope
            || (string.Equals(scope.SessionId, text, StringComparison.Ordinal) && scope.Equals(ParseOrNull(scope.SessionId)))).Check(Runs);
    }

    [Fact]
    public void Generator_makes_equal_and_different_pairs()
    {
        var same = 0;

        Prop.ForAll(ScopeFieldsGenerator.Pairs, pair => same += pair.One.HasSameScopeAs(pair.Other) ? 1 : 0).Check(Runs);

        same.Should().BeInRange(100, 2_900);
    }

    private static Gen<string> Mutation(string sessionId) =>
        from at in Gen.Choose(0, sessionId.Length - 1)
        from length in Gen.Choose(0, 2)
        from piece in Gen.Elements("", ":", ";", "=", "#", "*", "@", "%", "%3A", "%3a", "%41", "%00", "%2", "a", "\0", "\uD800", ";a", "user_id=x", ";user_id=x")
        select string.Concat(sessionId.AsSpan(0, at), piece, sessionId.AsSpan(Math.Min(at + length, sessionId.Length)));

    private static ConversationScope? ParseOrNull(string text)
    {
        try
        {
            return ConversationScope.Parse(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
