import RucheCore

extension Schemas {
    private static let port: [String: SchemaBuilder.Schema] = [
        "address": SchemaBuilder.string, "host": SchemaBuilder.integer, "guest": SchemaBuilder.integer,
    ]

    private static let firmware = SchemaBuilder.choice(MachineFirmware.allCases.map(\.rawValue))

    static let instances: [String: JSONValue] = [
        "PortPublication": SchemaBuilder.object(
            "A port of an instance under an IPv4 address and port of the server's machine.", port),
        "InstanceShare": SchemaBuilder.object(
            "A folder of the server's machine, and where the instance sees it.",
            ["source": SchemaBuilder.string, "target": SchemaBuilder.string]),
        "InstanceStage": SchemaBuilder.object(
            "How far the newest start has come, and after how many seconds.",
            [
                "kind": SchemaBuilder.choice(InstanceStage.Kind.allCases.map(\.rawValue)),
                "seconds": SchemaBuilder.number,
            ], optional: ["note": SchemaBuilder.string]),
        "InstanceEntrance": SchemaBuilder.object(
            "How one runs a command in a container on the server's machine.",
            [
                "program": SchemaBuilder.array(SchemaBuilder.string), "terminal": SchemaBuilder.string,
                "container": SchemaBuilder.string,
            ], optional: ["separator": SchemaBuilder.string]),
        "ConsoleProgram": SchemaBuilder.object(
            "What joins a terminal of the server's machine and the console of an instance.",
            ["program": SchemaBuilder.array(SchemaBuilder.string), "leaveKeys": SchemaBuilder.string]),
        "InstanceSnapshot": SchemaBuilder.object(
            "What a disk was at some time.",
            ["name": SchemaBuilder.string, "createdAt": SchemaBuilder.milliseconds]),
        "InstanceSnapshotRequest": SchemaBuilder.object(
            "The name of a snapshot.", ["name": SchemaBuilder.string]),
        "InstanceStartRequest": SchemaBuilder.object(
            "How an instance is started again.", [:], optional: ["lease": SchemaBuilder.integer]),
        "InstanceRequest": SchemaBuilder.object(
            "An instance to be started.", ["release": SchemaBuilder.string],
            optional: [
                "name": SchemaBuilder.string, "engine": SchemaBuilder.string, "command": SchemaBuilder.string,
                "cpus": SchemaBuilder.integer,
                "memory": SchemaBuilder.integer, "disk": SchemaBuilder.integer, "firmware": firmware,
                "publish": SchemaBuilder.array(SchemaBuilder.reference("PortPublication")),
                "shares": SchemaBuilder.array(SchemaBuilder.reference("InstanceShare")),
                "userData": SchemaBuilder.string, "lease": SchemaBuilder.integer, "timeout": SchemaBuilder.integer,
                "owner": SchemaBuilder.string,
            ]),
        "InstanceDocument": SchemaBuilder.object(
            "An instance.",
            [
                "id": SchemaBuilder.identifier, "name": SchemaBuilder.string, "owner": SchemaBuilder.string,
                "release": SchemaBuilder.string, "releaseDigest": SchemaBuilder.digest,
                "engine": SchemaBuilder.string, "state": SchemaBuilder.choice(InstanceState.allCases.map(\.rawValue)),
                "cpus": SchemaBuilder.integer, "memory": SchemaBuilder.integer,
                "ports": SchemaBuilder.array(SchemaBuilder.reference("PortPublication")),
                "shares": SchemaBuilder.array(SchemaBuilder.reference("InstanceShare")),
                "stages": SchemaBuilder.array(SchemaBuilder.reference("InstanceStage")),
                "snapshots": SchemaBuilder.array(SchemaBuilder.reference("InstanceSnapshot")),
                "createdAt": SchemaBuilder.milliseconds, "starts": SchemaBuilder.integer,
            ],
            optional: [
                "createdBy": SchemaBuilder.string, "reason": SchemaBuilder.string, "disk": SchemaBuilder.integer,
                "firmware": firmware, "url": SchemaBuilder.string, "emulation": SchemaBuilder.string,
                "lease": SchemaBuilder.integer,
                "leaseEnd": SchemaBuilder.milliseconds, "startedAt": SchemaBuilder.milliseconds,
                "readyAt": SchemaBuilder.milliseconds, "stoppedAt": SchemaBuilder.milliseconds,
                "consoleTail": SchemaBuilder.array(SchemaBuilder.string), "user": SchemaBuilder.string,
                "sshPort": SchemaBuilder.integer, "isPinned": SchemaBuilder.boolean, "folder": SchemaBuilder.string,
                "capabilities": SchemaBuilder.array(SchemaBuilder.string),
                "entrance": SchemaBuilder.reference("InstanceEntrance"),
                "console": SchemaBuilder.reference("ConsoleProgram"),
            ]),
    ]
}
