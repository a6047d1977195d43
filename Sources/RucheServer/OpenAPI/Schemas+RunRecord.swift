import RucheCore

extension Schemas {
    static let runRecord = SchemaBuilder.object(
        "What made the outputs of a job, enough to run it again (run.json).",
        [
            "schema": SchemaBuilder.integer, "run": SchemaBuilder.identifier,
            "release": SchemaBuilder.object(
                "The release.", ["name": SchemaBuilder.string, "digest": SchemaBuilder.digest]),
            "engine": SchemaBuilder.string, "state": SchemaBuilder.choice(JobState.allCases.map(\.rawValue)),
            "limits": SchemaBuilder.reference("ResourceLimits"),
            "parameters": SchemaBuilder.map(SchemaBuilder.any),
            "inputs": SchemaBuilder.array(SchemaBuilder.reference("RunInput")),
            "outputs": SchemaBuilder.array(SchemaBuilder.reference("RunOutput")),
            "times": SchemaBuilder.object(
                "Milliseconds since 1970.", ["created": SchemaBuilder.milliseconds],
                optional: ["started": SchemaBuilder.milliseconds, "ended": SchemaBuilder.milliseconds]),
            "command": SchemaBuilder.array(SchemaBuilder.string),
            "environment": SchemaBuilder.array(SchemaBuilder.string),
            "warnings": SchemaBuilder.array(SchemaBuilder.string),
            "versions": SchemaBuilder.map(SchemaBuilder.string),
        ],
        optional: [
            "name": SchemaBuilder.string, "exit": SchemaBuilder.reference("JobExit"),
            "databases": SchemaBuilder.string, "user": SchemaBuilder.string,
            "usage": SchemaBuilder.reference("JobUsage"),
            "references": SchemaBuilder.array(SchemaBuilder.reference("RunReference")),
            "priority": SchemaBuilder.integer, "retry": SchemaBuilder.reference("RetryPolicy"),
            "attempts": SchemaBuilder.array(SchemaBuilder.reference("JobAttempt")),
            "owner": SchemaBuilder.string, "createdBy": SchemaBuilder.string,
        ])

    static let runFiles: [String: JSONValue] = [
        "RunInput": SchemaBuilder.object(
            "An input of a run.", ["name": SchemaBuilder.string, "size": SchemaBuilder.integer],
            optional: [
                "path": SchemaBuilder.string, "file": SchemaBuilder.digest, "sha256": SchemaBuilder.string,
            ]),
        "RunReference": SchemaBuilder.object(
            "A reference database of a run.",
            [
                "name": SchemaBuilder.string, "version": SchemaBuilder.string, "digest": SchemaBuilder.digest,
                "size": SchemaBuilder.integer, "files": SchemaBuilder.integer,
                "createdAt": SchemaBuilder.milliseconds,
            ]),
        "RunOutput": SchemaBuilder.object(
            "An output of a run.",
            ["path": SchemaBuilder.string, "size": SchemaBuilder.integer, "sha256": SchemaBuilder.string]),
    ]
}
