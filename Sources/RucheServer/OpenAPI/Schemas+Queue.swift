import RucheCore

extension Schemas {
    /// Why a job waits.
    static let waiting = SchemaBuilder.choice(JobWaiting.allCases.map(\.rawValue))

    static let queue: [String: JSONValue] = [
        "RetryPolicy": SchemaBuilder.object(
            "Whether a job that failed is tried again. `on` has words and exit codes; `backoff` is in seconds and doubles.",
            ["count": SchemaBuilder.integer],
            optional: [
                "on": SchemaBuilder.array([
                    "anyOf": [
                        SchemaBuilder.choice(RetryCause.names),
                        ["type": "integer", "minimum": 1, "maximum": 255],
                    ]
                ]),
                "backoff": SchemaBuilder.integer,
            ]),
        "JobAttempt": SchemaBuilder.object(
            "An attempt that failed and was followed by another.",
            [
                "number": SchemaBuilder.integer, "container": SchemaBuilder.string,
                "endedAt": SchemaBuilder.milliseconds, "exit": SchemaBuilder.reference("JobExit"),
            ], optional: ["startedAt": SchemaBuilder.milliseconds]),
        "JobChange": SchemaBuilder.object(
            "A change of a job that waits.", ["priority": SchemaBuilder.integer]),
        "QueueLimits": SchemaBuilder.object(
            "What jobs may take together; nothing is bounded that is not named.", [:],
            optional: [
                "slots": SchemaBuilder.integer, "cpus": SchemaBuilder.number, "memory": SchemaBuilder.integer,
            ]),
        "ResourceUse": SchemaBuilder.object(
            "What jobs take together. CPUs and memory count where the engine bounds them.",
            ["slots": SchemaBuilder.integer, "cpus": SchemaBuilder.number, "memory": SchemaBuilder.integer]),
        "QueueOwner": SchemaBuilder.object(
            "The jobs of one owner in a queue.",
            [
                "owner": SchemaBuilder.string, "used": SchemaBuilder.reference("ResourceUse"),
                "waiting": SchemaBuilder.integer,
            ]),
        "QueueDocument": SchemaBuilder.object(
            "The queue before one engine. `waiting` jobs wait for room, `held` ones for something else.",
            [
                "engine": SchemaBuilder.string, "ready": SchemaBuilder.boolean,
                "limits": SchemaBuilder.reference("QueueLimits"),
                "ownerLimits": SchemaBuilder.reference("QueueLimits"),
                "used": SchemaBuilder.reference("ResourceUse"), "waiting": SchemaBuilder.integer,
                "held": SchemaBuilder.integer,
                "owners": SchemaBuilder.array(SchemaBuilder.reference("QueueOwner")),
            ]),
    ]
}
