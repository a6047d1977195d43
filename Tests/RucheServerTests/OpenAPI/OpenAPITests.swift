import Foundation
import HTTPTypes
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheWire
import Support
import SystemPackage
import Testing

@Suite struct OpenAPITests {
    private static let limits = ResourceLimits(
        cpus: 1.5, memory: ByteCount(1), processes: 2, disk: ByteCount(3), time: 4)
    private static let digest = Digest(bytes: [UInt8](repeating: 7, count: 32))

    private static func id() throws -> Identifier { try #require(Identifier("01hzzzzzzzzzzzzzzzzzzzzzzz")) }
    private static func name() throws -> EnvironmentName { try #require(EnvironmentName("lab/x")) }
    private static func version() throws -> ReleaseVersion { try #require(ReleaseVersion("1.0")) }

    private static func environment() throws -> EnvironmentDocument {
        var profile = EnvironmentProfile(visibility: .public)
        try environmentRequest().apply(to: &profile)
        var document = EnvironmentDocument(
            name: try name(), profile: profile, downloads: 3, createdAt: 1, updatedAt: 2)
        document.mirrorOf = "https://x"
        return document
    }

    private static func environmentRequest() throws -> EnvironmentRequest {
        var request = EnvironmentRequest(name: try name())
        (request.visibility, request.summary, request.description) = (.public, "s", "d")
        (request.license, request.homepage, request.keywords) = ("MIT", "https://x", ["k"])
        request.authors = [.init(name: "Ada", orcid: "0000-0002-1825-0097", email: "a@x")]
        return request
    }

    /// Every document with every member set, by the name of its schema.
    private static func samples() throws -> [(String, any Encodable)] {
        var problem = Problem(file: "f", line: 1, column: 2, path: "p", message: "m", found: "f", allowed: "a")
        problem.suggestion = "s"
        var operation = OperationDocument(id: try id(), kind: "build", title: "t", state: "failed", createdAt: 1)
        (operation.endedAt, operation.progress, operation.result) = (2, 0.5, ["a": 1])
        (operation.owner, operation.createdBy) = (OwnerName("lab"), "ada")
        operation.failure = .init(code: .buildFailed, message: "m", details: ["a": "b"], problems: [problem])
        var summary = ReleaseSummaryDocument(
            name: try name(), version: try version(), digest: digest, tags: ["t"], size: 1, variants: ["oci"],
            isPipeline: true, publishedAt: 2)
        summary.summary = "s"
        summary.revokedReason = "r"
        let recipe = Recipe(name: try name(), version: try version(), from: .debian(suite: "bookworm"))
        var release = ReleaseDocument(
            summary: summary, recipe: recipe,
            variants: [.init(format: "oci", architecture: "amd64", digest: digest, size: 1)],
            artifacts: [.init(kind: "lock", mediaType: "m", digest: digest, size: 1)])
        CatalogueSamples.fill(&release)
        release.form = Form.parse(#"{"n":{"type":"integer","minimum":1}}"#, file: "form.json").form
        let jobs = try jobSamples()
        return [
            ("Problem", problem), ("OperationDocument", operation), ("ReleaseSummaryDocument", summary),
            ("ReleaseDocument", release), ("TagDocument", TagDocument(version: "1")),
            ("RevocationRequest", RevocationRequest(reason: "r")), ("EnvironmentDocument", try environment()),
            ("EnvironmentRequest", try environmentRequest()),
            (
                "ProblemDocument",
                ProblemDocument(
                    title: "t", status: 400, detail: "d", code: .invalidInput, requestID: "r", details: ["a": "b"],
                    errors: [problem])
            ),
        ] + serverSamples() + jobs + FileSamples.all(id: try id(), digest: digest) + (try pipelineSamples())
            + (try accountSamples()) + (try CatalogueSamples.all())
            + (try webhookSamples()) + (try RecordSamples.all())
            + InstanceSamples.all(id: try id(), digest: digest)
            + TransferSamples.all(
                name: try name(), version: try version(), digest: digest, environment: try environmentRequest())
    }

    private static func serverSamples() -> [(String, any Encodable)] {
        var event = EventDocument(sequence: 1, time: 2, subject: "s", kind: "k", data: ["a": 1])
        (event.owner, event.actor) = (OwnerName("lab"), "ada")
        var engine = EngineDocument(name: "n", kind: "docker", ready: true, capabilities: ["pause"], findings: ["f"])
        (engine.instances, engine.instanceFindings) = (["container"], ["f"])
        return [
            ("EventDocument", event),
            ("EngineDocument", engine),
            ("ServerDocument", ServerDocument(version: "1", pid: 1)),
            ("VersionsDocument", VersionsDocument(versions: ["v1"], features: ["jobs"])),
            ("HistoryDocument", HistoryDocument(createdBy: "c", size: 1, digest: digest)),
            (
                "DiffDocument",
                DiffDocument(
                    packages: [.init(system: "deb", name: "n", before: "1", after: "2")],
                    files: [.init(kind: .changed, path: "p", sizeBefore: 1, sizeAfter: 2)], sizeBefore: 1, sizeAfter: 2)
            ),
        ] + maintenanceSamples
    }

    private static var maintenanceSamples: [(String, any Encodable)] {
        [
            (
                "CollectionDocument",
                CollectionDocument(dryRun: true, blobs: 1, cacheEntries: 2, bytes: 3, digests: [digest])
            ),
            (
                "VerificationDocument",
                VerificationDocument(
                    blobs: 1, bytes: 2, corrupt: [digest], missing: [digest], releases: ["r"], problems: ["p"])
            ),
            (
                "BuildResultDocument",
                BuildResultDocument(release: "r", digest: digest, reusedSteps: 1, builtSteps: 2, seconds: 0.5)
            ),
        ]
    }

    private static func pipelineSamples() throws -> [(String, any Encodable)] {
        var pipeline = PipelineDocument(
            name: try name(), version: try version(), digest: digest, dialect: "dockerfile", authors: ["Ada"],
            contract: PipelineContract(job: "/run"),
            form: Form.parse(#"{"n": {"type": "integer"}}"#, file: "form.json").form ?? Form(),
            documents: [.init(kind: "icon", mediaType: "image/png", size: 1)], publishedAt: 2)
        (pipeline.summary, pipeline.description, pipeline.license) = ("s", "d", "l")
        pipeline.references = ["hg19"]
        return [("PipelineDocument", pipeline)]
    }

    private static func jobSamples() throws -> [(String, any Encodable)] {
        var request = JobRequest(
            release: "lab/x:1", inputs: [FileSamples.input(try id(), digest)], parameters: ["a": [1, "b"]])
        (request.name, request.databases, request.engine, request.limits) = ("n", "/db", "oci-runtime", limits)
        let retry = RetryPolicy(count: 1, on: [.engineLost, .code(75)], backoff: 2)
        (request.priority, request.after, request.retry) = (1, [try id()], retry)
        (request.owner, request.references) = (OwnerName("lab"), ["hg19"])
        var job = JobDocument(
            id: try id(), release: "lab/x:1", releaseDigest: digest, engine: "e", state: .failed, createdAt: 1,
            parameters: ["a": 1], inputs: [JobFile(path: "p", size: 1, digest: digest)], limits: limits)
        (job.name, job.progress, job.progressLabel, job.startedAt, job.endedAt) = ("n", 0.5, "l", 2, 3)
        job.exit = JobExit(reason: .outOfMemory, code: 137, signal: 9, message: "m")
        (job.outputs, job.folder, job.warnings, job.estimatedEnd) = (job.inputs, "/d", ["w"], 4)
        job.usage = JobUsage(cpuSeconds: 1.5, meanCPUs: 0.5, memoryPeakBytes: 1, readBytes: 2, writtenBytes: 3)
        (job.priority, job.after, job.retry, job.waiting, job.position, job.owner) =
            (1, [job.id], retry, .slot, 1, OwnerName("lab"))
        let exit = JobExit(reason: .dependencyFailed, code: 1, signal: 2, message: "m")
        job.references = ["hg19:2009"]
        job.attempts = [JobAttempt(number: 1, container: "c", startedAt: 1, endedAt: 2, exit: exit)]
        job.createdBy = "ada"
        var summary = JobSummaryDocument(
            id: job.id, release: "r", releaseDigest: digest, engine: "e", state: .running, createdAt: 1, inputs: 2,
            outputs: 3, outputBytes: 4)
        (summary.name, summary.progress, summary.progressLabel, summary.exit) = ("n", 0.5, "l", job.exit)
        (summary.priority, summary.waiting, summary.position, summary.owner, summary.createdBy) =
            (1, .dependency, 2, job.owner, "ada")
        (summary.startedAt, summary.endedAt, summary.estimatedEnd) = (2, 3, 4)
        var line = LogLine(time: "t", stream: "stdout", text: "x")
        line.position = 1
        var stats = JobStatsDocument(
            cpuSeconds: 0.5, memoryBytes: 1, memoryPeakBytes: 2, processes: 3, readBytes: 4, writtenBytes: 5,
            diskBytes: 6)
        (stats.cpus, stats.memoryLimitBytes) = (0.5, 7)
        return [
            ("JobRequest", request), ("JobDocument", job), ("JobSummaryDocument", summary),
            ("JobStatsDocument", stats), ("LogLine", line), ("JobChange", JobChange(priority: 1)),
            ("QueueDocument", queueSample()),
            ("JobUsageSeriesDocument", JobUsageSeriesDocument(points: [usagePoint], summary: job.usage)),
        ]
    }

    private static let usagePoint = UsagePoint(
        time: 1, cpuSeconds: 0.5, cpus: 1, memoryBytes: 1, memoryPeakBytes: 2, readBytes: 3, writtenBytes: 4)

    private static func queueSample() -> QueueDocument {
        let all = QueueLimits(slots: 1, cpus: 0.5, memory: 2)
        let used = ResourceUse(slots: 1, cpus: 0.5, memory: 2)
        return QueueDocument(
            engine: "e", ready: true, limits: all, ownerLimits: all, used: used, waiting: 1, held: 2,
            owners: [.init(owner: "o", used: used, waiting: 3)])
    }

    private static func webhookSamples() throws -> [(String, any Encodable)] {
        var webhook = WebhookDocument(
            id: try id(), url: "https://x", kinds: ["job.*"], owner: .local, createdAt: 1, position: 2)
        (webhook.failingSince, webhook.nextAttemptAt, webhook.disabledAt) = (1, 2, 3)
        (webhook.disabledReason, webhook.secret) = ("r", "s")
        var delivery = WebhookDeliveryDocument(
            sequence: 1, kind: "k", attempts: 1, attemptedAt: 1, isDelivered: true)
        (delivery.status, delivery.failure) = (500, "f")
        return [
            ("WebhookRequest", WebhookRequest(url: "https://x", kinds: "job.*", owner: .local)),
            ("WebhookDocument", webhook), ("WebhookDeliveryDocument", delivery),
        ]
    }

    /// What a value breaks of a schema: the parts of JSON Schema that the schemas here use.
    private static func faults(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
        if let name = schema["$ref"]?.stringValue?.split(separator: "/").last.map(String.init) {
            guard let target = Schemas.all[name] else { return ["\(path): no schema \(name)"] }
            return faults(value, target, path)
        }
        if let allowed = schema["enum"]?.arrayValue, !allowed.contains(value) { return ["\(path): not in the list"] }
        switch (schema["type"]?.stringValue, value) {
        case (nil, _), ("boolean", .bool), ("integer", .integer), ("number", .integer), ("number", .number): return []
        case ("string", .string(let text)):
            guard let pattern = schema["pattern"]?.stringValue, let regex = try? Regex(pattern) else { return [] }
            return text.contains(regex) ? [] : ["\(path): \(text) does not match"]
        case ("array", .array(let items)):
            return items.enumerated().flatMap { faults($1, schema["items"] ?? [:], "\(path)[\($0)]") }
        case ("object", .object(let members)):
            let required = schema["required"]?.arrayValue?.compactMap(\.stringValue) ?? []
            let missing = required.filter { members[$0] == nil }.map { "\(path).\($0): missing" }
            return missing
                + members.sorted { $0.key < $1.key }.flatMap { key, member in
                    if let known = schema["properties"]?[key] { return faults(member, known, "\(path).\(key)") }
                    if let values = schema["additionalProperties"] { return faults(member, values, "\(path).\(key)") }
                    return schema["properties"] == nil ? [] : ["\(path).\(key): not in the schema"]
                }
        default: return ["\(path): wrong type"]
        }
    }

    @Test func everyDocumentIsWhatItsSchemaSays() throws {
        let samples = try Self.samples()
        for (name, document) in samples {
            let buffer = try JSONCoding.encode(document)
            let value = try JSONCoding.decode(JSONValue.self, from: buffer)
            let schema = try #require(Schemas.all[name], "\(name)")
            #expect(Self.faults(value, schema, name) == [])
            // Every member of the schema is one that the document has.
            let members = Set(schema["properties"]?.objectValue.map(Array.init)?.map(\.key) ?? [])
            #expect(members.subtracting(value.objectValue?.keys.map(\.self) ?? []) == [], "\(name)")
        }
        let parts =
            ["OperationFailure", "Recipe", "ReleaseVariant", "ReleaseArtifact", "PackageChange", "FileChange"]
            + ["ResourceLimits", "JobInput", "JobFile", "JobExit", "JobNotification", "JobNotified", "StepLogLine"]
            + ["RunRecord", "RunInput", "RunOutput", "RunReference", "JobUsage", "UsagePoint", "PipelineFile"]
            + ["RetryPolicy", "JobAttempt", "QueueLimits", "ResourceUse", "QueueOwner", "SearchHitDocument"]
            + ["SearchFacetDocument"]
            + ["TransferPlatform", "TransferBlob"]
            + ["PortPublication", "InstanceShare", "InstanceStage", "InstanceSnapshot", "InstanceEntrance"]
            + ["ConsoleProgram"]
        #expect(Set(Schemas.all.keys) == Set(samples.map(\.0) + parts))
    }

    /// The routes of the whole server.
    private static func routes() async throws -> [Route] {
        try await Scratch.with { folder in
            try await APIFixture.routes() + JobFixture(folder).routes + JobFixture(folder.appending("2")).accountRoutes
        }
    }

    @Test func theDocumentHasEveryRouteAndNothingElse() async throws {
        let routes = try await Self.routes()
        let document = OpenAPIDocument(routes: routes, version: "1.0")
        #expect(document.unknownSchemas == [])
        let described = Set(
            (document.value["paths"]?.objectValue ?? [:]).flatMap { path, operations in
                (operations.objectValue ?? [:]).keys.map { "\($0.uppercased()) \(path)" }
            })
        #expect(described == Set(routes.map { "\($0.method.rawValue) \(PathTemplate($0.path).openAPIPath)" }))
        #expect(routes.count == described.count, "two routes for one path and method")
        let ids = (document.value["paths"]?.objectValue ?? [:]).values.flatMap { operations in
            (operations.objectValue ?? [:]).values.compactMap { $0["operationId"]?.stringValue }
        }
        #expect(Set(ids).count == ids.count)
    }

    @Test func theDocumentIsValidOpenAPI() async throws {
        let document = OpenAPIDocument(routes: try await Self.routes(), version: "1.0")
        try await OpenAPIValidator.check(document.value)
    }

    @Test func theServedDocumentDescribesItself() async throws {
        let routes = try await Self.routes()
        let all = routes + [OpenAPIDocument.route(describing: routes, version: "1.0")]
        let response = try await RouterHarness(all).call(.get, "/api/v1/openapi.json")
        let value = try JSONCoding.decode(JSONValue.self, from: response.body)
        #expect(value["openapi"]?.stringValue == "3.1.0")
        #expect(value["paths"]?["/api/v1/openapi.json"] != nil)
    }
}
