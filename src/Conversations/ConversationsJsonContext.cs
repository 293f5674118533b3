using System.Text.Json;
using System.Text.Json.Serialization;

namespace Conversations;

/// <summary>The contracts of what the library returns, for programs that serialize without reflection, such as those that are compiled ahead of time: property names in camel case, enums as text, parts by their type. Other programs do not need it.</summary>
/// <remarks>In a web app, add it before your own: <c>options.SerializerOptions.TypeInfoResolverChain.Insert(0, ConversationsJsonContext.Default)</c> in <c>ConfigureHttpJsonOptions</c>.</remarks>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, MaxDepth = 600)]
[JsonSerializable(typeof(Conversation))]
[JsonSerializable(typeof(Page<Conversation>))]
[JsonSerializable(typeof(ConversationMessage))]
[JsonSerializable(typeof(StoredMessage))]
[JsonSerializable(typeof(Page<StoredMessage>))]
[JsonSerializable(typeof(ContentPart))]
[JsonSerializable(typeof(TextPart))]
[JsonSerializable(typeof(ReasoningPart))]
[JsonSerializable(typeof(ToolCallPart))]
[JsonSerializable(typeof(ToolResultPart))]
[JsonSerializable(typeof(DataPart))]
[JsonSerializable(typeof(ErrorPart))]
[JsonSerializable(typeof(ApprovalRequestPart))]
[JsonSerializable(typeof(ApprovalResponsePart))]
[JsonSerializable(typeof(RawPart))]
[JsonSerializable(typeof(TurnApproval))]
[JsonSerializable(typeof(MessageFeedback))]
[JsonSerializable(typeof(Page<MessageFeedback>))]
[JsonSerializable(typeof(ConversationRun))]
[JsonSerializable(typeof(Page<ConversationRun>))]
[JsonSerializable(typeof(ConversationSummary))]
[JsonSerializable(typeof(SummaryRequest))]
[JsonSerializable(typeof(SummaryResult))]
[JsonSerializable(typeof(TurnResult))]
[JsonSerializable(typeof(StreamUpdate))]
[JsonSerializable(typeof(TurnExplanation))]
[JsonSerializable(typeof(ContextWindow))]
[JsonSerializable(typeof(UsageReport))]
[JsonSerializable(typeof(DamagedData))]
[JsonSerializable(typeof(StoreHealth))]
public sealed partial class ConversationsJsonContext : JsonSerializerContext;
