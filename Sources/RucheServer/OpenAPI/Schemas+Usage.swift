import RucheCore

extension Schemas {
    static let usage: [String: JSONValue] = [
        "JobUsage": SchemaBuilder.object(
            "What a job used in all.",
            [
                "cpuSeconds": SchemaBuilder.number, "memoryPeakBytes": SchemaBuilder.integer,
                "readBytes": SchemaBuilder.integer, "writtenBytes": SchemaBuilder.integer,
            ], optional: ["meanCPUs": SchemaBuilder.number]),
        "UsagePoint": SchemaBuilder.object(
            "One look at a running job; sums since its start, except CPUs and memory.",
            [
                "time": SchemaBuilder.milliseconds, "cpuSeconds": SchemaBuilder.number,
                "memoryBytes": SchemaBuilder.integer, "memoryPeakBytes": SchemaBuilder.integer,
                "readBytes": SchemaBuilder.integer, "writtenBytes": SchemaBuilder.integer,
            ], optional: ["cpus": SchemaBuilder.number]),
        "JobUsageSeriesDocument": SchemaBuilder.object(
            "What a job used over its time, oldest first.",
            ["points": SchemaBuilder.array(SchemaBuilder.reference("UsagePoint"))],
            optional: ["summary": SchemaBuilder.reference("JobUsage")]),
    ]
}
