namespace Conversations;

/// <summary>The usual names of identity fields. Any other name may be used, too.</summary>
public static class IdentityFields
{
    /// <summary>The user.</summary>
    public const string UserId = "user_id";

    /// <summary>The customer or organisation that the user belongs to.</summary>
    public const string TenantId = "tenant_id";

    /// <summary>One visit or device of the user.</summary>
    public const string SessionId = "session_id";
}
