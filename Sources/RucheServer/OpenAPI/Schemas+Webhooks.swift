import RucheCore

extension Schemas {
    static let webhooks: [String: JSONValue] = [
        "WebhookRequest": SchemaBuilder.object(
            "An address to be told of events; kinds with commas between, `job.ended,build.*`.",
            ["url": SchemaBuilder.string],
            optional: ["kinds": SchemaBuilder.string, "owner": SchemaBuilder.string]),
        "WebhookDocument": SchemaBuilder.object(
            "An address that is told of events.",
            [
                "id": SchemaBuilder.identifier, "url": SchemaBuilder.string,
                "kinds": SchemaBuilder.array(SchemaBuilder.string), "owner": SchemaBuilder.string,
                "createdAt": SchemaBuilder.milliseconds, "position": SchemaBuilder.integer,
                "failures": SchemaBuilder.integer,
            ],
            optional: [
                "failingSince": SchemaBuilder.milliseconds, "nextAttemptAt": SchemaBuilder.milliseconds,
                "disabledAt": SchemaBuilder.milliseconds, "disabledReason": SchemaBuilder.string,
                "secret": SchemaBuilder.string,
            ]),
        "WebhookDeliveryDocument": SchemaBuilder.object(
            "The latest attempt to tell a webhook of one event.",
            [
                "sequence": SchemaBuilder.integer, "kind": SchemaBuilder.string, "attempts": SchemaBuilder.integer,
                "attemptedAt": SchemaBuilder.milliseconds, "isDelivered": SchemaBuilder.boolean,
            ], optional: ["status": SchemaBuilder.integer, "failure": SchemaBuilder.string]),
    ]
}
