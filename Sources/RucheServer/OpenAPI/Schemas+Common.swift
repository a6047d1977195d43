package import RucheCore

/// The schemas of every document of the API, by the name of its Swift type.
package enum Schemas {
    package static let all: [String: JSONValue] = [
        common, accounts, releases, environments, search, jobs, runFiles, usage, files, pipelines, queue, webhooks,
        transfers, records, instances,
    ]
    .reduce(into: [:]) { all, group in all.merge(group) { first, _ in first } }

    static let common: [String: JSONValue] = [
        "Problem": SchemaBuilder.object(
            "One finding in what was sent.",
            ["path": SchemaBuilder.string, "message": SchemaBuilder.string],
            optional: [
                "file": SchemaBuilder.string, "line": SchemaBuilder.integer, "column": SchemaBuilder.integer,
                "found": SchemaBuilder.string, "allowed": SchemaBuilder.string, "suggestion": SchemaBuilder.string,
            ]),
        "ProblemDocument": SchemaBuilder.object(
            "An error (RFC 9457).",
            [
                "type": SchemaBuilder.string, "title": SchemaBuilder.string, "status": SchemaBuilder.integer,
                "detail": SchemaBuilder.string, "code": SchemaBuilder.string,
                "details": SchemaBuilder.map(SchemaBuilder.string),
                "errors": SchemaBuilder.array(SchemaBuilder.reference("Problem")),
            ], optional: ["request_id": SchemaBuilder.string]),
        "OperationFailure": SchemaBuilder.object(
            "Why an operation failed.",
            [
                "code": SchemaBuilder.string, "message": SchemaBuilder.string,
                "details": SchemaBuilder.map(SchemaBuilder.string),
                "problems": SchemaBuilder.array(SchemaBuilder.reference("Problem")),
            ]),
        "OperationDocument": SchemaBuilder.object(
            "Long work.",
            [
                "id": SchemaBuilder.identifier, "kind": SchemaBuilder.string, "title": SchemaBuilder.string,
                "state": SchemaBuilder.choice(["running", "succeeded", "failed", "cancelled"]),
                "createdAt": SchemaBuilder.milliseconds,
            ],
            optional: [
                "endedAt": SchemaBuilder.milliseconds, "progress": SchemaBuilder.number, "result": SchemaBuilder.any,
                "failure": SchemaBuilder.reference("OperationFailure"), "owner": SchemaBuilder.string,
                "createdBy": SchemaBuilder.string,
            ]),
        "EventDocument": SchemaBuilder.object(
            "Something that happened.",
            [
                "sequence": SchemaBuilder.integer, "time": SchemaBuilder.milliseconds,
                "subject": SchemaBuilder.string, "kind": SchemaBuilder.string, "data": SchemaBuilder.any,
            ], optional: ["owner": SchemaBuilder.string, "actor": SchemaBuilder.string]),
        "EngineDocument": SchemaBuilder.object(
            "What executes jobs and starts instances.",
            [
                "name": SchemaBuilder.string, "ready": SchemaBuilder.boolean,
                "capabilities": SchemaBuilder.array(SchemaBuilder.string),
                "findings": SchemaBuilder.array(SchemaBuilder.string),
            ],
            optional: [
                "kind": SchemaBuilder.string, "instances": SchemaBuilder.array(SchemaBuilder.string),
                "instanceFindings": SchemaBuilder.array(SchemaBuilder.string),
            ]),
        "ServerDocument": SchemaBuilder.object(
            "The running server.", ["version": SchemaBuilder.string, "pid": SchemaBuilder.integer]),
        "VersionsDocument": SchemaBuilder.object(
            "What the server speaks.",
            [
                "versions": SchemaBuilder.array(SchemaBuilder.string),
                "features": SchemaBuilder.array(SchemaBuilder.string),
            ]),
    ]
}
