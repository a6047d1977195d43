import RucheCore

extension Schemas {
    static let jobs: [String: JSONValue] = [
        "ResourceLimits": SchemaBuilder.object(
            "What a container may use; bytes and seconds.", [:],
            optional: [
                "cpus": SchemaBuilder.number, "memory": SchemaBuilder.integer, "processes": SchemaBuilder.integer,
                "disk": SchemaBuilder.integer, "time": SchemaBuilder.integer,
            ]),
        "JobInput": SchemaBuilder.object(
            "A file of this machine (`path`, private socket only), an uploaded one (`file`, or `id` with its companions), or an upload that is on its way (`upload`).",
            ["name": SchemaBuilder.string],
            optional: [
                "path": SchemaBuilder.string, "file": SchemaBuilder.digest, "id": SchemaBuilder.identifier,
                "upload": SchemaBuilder.identifier,
            ]),
        "JobRequest": SchemaBuilder.object(
            "A job to be run.",
            [
                "release": SchemaBuilder.string, "inputs": SchemaBuilder.array(SchemaBuilder.reference("JobInput")),
                "parameters": SchemaBuilder.map(SchemaBuilder.any),
            ],
            optional: [
                "name": SchemaBuilder.string, "databases": SchemaBuilder.string,
                "references": SchemaBuilder.array(SchemaBuilder.string), "engine": SchemaBuilder.string,
                "limits": SchemaBuilder.reference("ResourceLimits"), "priority": SchemaBuilder.integer,
                "after": SchemaBuilder.array(SchemaBuilder.identifier),
                "retry": SchemaBuilder.reference("RetryPolicy"),
                "owner": SchemaBuilder.string,
            ]),
        "JobFile": SchemaBuilder.object(
            "A file of a job.", ["path": SchemaBuilder.string, "size": SchemaBuilder.integer],
            optional: ["digest": SchemaBuilder.digest]),
        "JobExit": SchemaBuilder.object(
            "How the process of a job ended.",
            [
                "reason": SchemaBuilder.choice([
                    "exited", "signalled", "out_of_memory", "timed_out", "disk_limit", "cancelled", "engine_failure",
                    "dependency_failed",
                ])
            ],
            optional: [
                "code": SchemaBuilder.integer, "signal": SchemaBuilder.integer, "message": SchemaBuilder.string,
            ]),
        "JobDocument": SchemaBuilder.object(
            "A job.",
            [
                "id": SchemaBuilder.identifier, "release": SchemaBuilder.string,
                "releaseDigest": SchemaBuilder.digest, "engine": SchemaBuilder.string,
                "state": SchemaBuilder.choice(JobState.allCases.map(\.rawValue)),
                "createdAt": SchemaBuilder.milliseconds, "parameters": SchemaBuilder.map(SchemaBuilder.any),
                "inputs": SchemaBuilder.array(SchemaBuilder.reference("JobFile")),
                "outputs": SchemaBuilder.array(SchemaBuilder.reference("JobFile")),
                "limits": SchemaBuilder.reference("ResourceLimits"),
                "warnings": SchemaBuilder.array(SchemaBuilder.string),
            ],
            optional: [
                "name": SchemaBuilder.string, "progress": SchemaBuilder.number,
                "progressLabel": SchemaBuilder.string, "startedAt": SchemaBuilder.milliseconds,
                "endedAt": SchemaBuilder.milliseconds, "exit": SchemaBuilder.reference("JobExit"),
                "folder": SchemaBuilder.string, "estimatedEnd": SchemaBuilder.milliseconds,
                "usage": SchemaBuilder.reference("JobUsage"),
                "priority": SchemaBuilder.integer,
                "after": SchemaBuilder.array(SchemaBuilder.identifier),
                "retry": SchemaBuilder.reference("RetryPolicy"),
                "attempts": SchemaBuilder.array(SchemaBuilder.reference("JobAttempt")),
                "references": SchemaBuilder.array(SchemaBuilder.string),
                "waiting": waiting, "position": SchemaBuilder.integer,
                "owner": SchemaBuilder.string, "createdBy": SchemaBuilder.string,
            ]),
        "JobSummaryDocument": SchemaBuilder.object(
            "A job in a list: files are counted, not named.",
            [
                "id": SchemaBuilder.identifier, "release": SchemaBuilder.string,
                "releaseDigest": SchemaBuilder.digest, "engine": SchemaBuilder.string,
                "state": SchemaBuilder.choice(JobState.allCases.map(\.rawValue)),
                "createdAt": SchemaBuilder.milliseconds, "inputs": SchemaBuilder.integer,
                "outputs": SchemaBuilder.integer, "outputBytes": SchemaBuilder.integer,
            ],
            optional: [
                "name": SchemaBuilder.string, "progress": SchemaBuilder.number,
                "progressLabel": SchemaBuilder.string, "startedAt": SchemaBuilder.milliseconds,
                "endedAt": SchemaBuilder.milliseconds, "exit": SchemaBuilder.reference("JobExit"),
                "estimatedEnd": SchemaBuilder.milliseconds,
                "priority": SchemaBuilder.integer, "waiting": waiting, "position": SchemaBuilder.integer,
                "owner": SchemaBuilder.string, "createdBy": SchemaBuilder.string,
            ]),
        "JobNotification": [
            "type": "object",
            "description":
                "What a container tells of its progress; numbers also as strings, other members are ignored.",
            "properties": [
                "progress_value": [:], "progress_label": SchemaBuilder.string, "status": SchemaBuilder.string,
                "progress": ["type": "object"], "output": ["type": "object"],
            ],
        ],
        "StepLogLine": SchemaBuilder.object(
            "A line that a step of a build wrote.",
            ["step": SchemaBuilder.integer, "stream": SchemaBuilder.string, "text": SchemaBuilder.string]),
        "JobNotified": SchemaBuilder.object(
            "The answer to a notification: what the server knows now.",
            ["id": SchemaBuilder.identifier, "status": SchemaBuilder.string],
            optional: ["progress": SchemaBuilder.number]),
        "LogLine": SchemaBuilder.object(
            "A line that a job wrote.",
            ["time": SchemaBuilder.string, "stream": SchemaBuilder.string, "text": SchemaBuilder.string],
            optional: ["position": SchemaBuilder.integer]),
        "RunRecord": runRecord,
        "JobStatsDocument": SchemaBuilder.object(
            "What a job uses.",
            [
                "cpuSeconds": SchemaBuilder.number, "memoryBytes": SchemaBuilder.integer,
                "memoryPeakBytes": SchemaBuilder.integer, "processes": SchemaBuilder.integer,
                "readBytes": SchemaBuilder.integer, "writtenBytes": SchemaBuilder.integer,
                "diskBytes": SchemaBuilder.integer,
            ], optional: ["cpus": SchemaBuilder.number, "memoryLimitBytes": SchemaBuilder.integer]),
    ]
}
