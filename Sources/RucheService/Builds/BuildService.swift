import Foundation
package import RucheBuild
package import RucheCore
import RucheHost
import RucheImages
package import SystemPackage

/// Builds that people ask for: checked first, then run as operations.
package struct BuildService: Sendable {
    /// The lock a build must reproduce, beside the recipe in the tar that was sent.
    package static let lockFile = ".ruche-lock.json"
    private static let lockLimit = 64 << 20

    private let builder: any Building
    private let inputs: BuildInputs
    let catalogue: CatalogueService
    private let operations: any OperationRunning
    private let data: FilePath

    package init(
        builder: any Building, inputs: BuildInputs, catalogue: CatalogueService, operations: any OperationRunning,
        data: FilePath
    ) {
        self.builder = builder
        self.inputs = inputs
        self.catalogue = catalogue
        self.operations = operations
        self.data = data
    }

    /// Unpacks and checks what was sent. `folder` belongs to the caller until a build was started from it.
    package func prepare(tar: FilePath, in folder: FilePath, _ options: BuildOptions) async throws -> BuildRequest {
        let context = BuildOrder.context(in: folder)
        try await inputs.unpack(tar, context)
        try FileTree.remove(tar)
        let file = FilePath(options.recipeFile)
        let isInside = file.isRelative && file.components.allSatisfy { $0.kind == .regular } && !file.components.isEmpty
        guard isInside else {
            throw RucheError(
                .invalidInput, "\"\(options.recipeFile.prefix(200))\" is not a path in the folder that was sent")
        }
        var request = BuildRequest(
            recipe: try await inputs.load(context.pushing(file)), folder: context, recipeFile: file.string)
        request.noCache = options.noCache
        request.refresh = options.refresh
        request.lock = try lock(in: context)
        return request
    }

    /// What a build would do. Touches nothing.
    package func explain(_ request: BuildRequest) async throws -> [PlannedStep] { try await builder.plan(request) }

    /// Starts the build of a prepared request. The operation takes over the folder of the request.
    package func start(_ request: BuildRequest) async throws -> OperationRecord {
        let release = "\(request.recipe.name):\(request.recipe.version)"
        let folder = request.folder.removingLastComponent()
        try BuildOrder(request).write(to: folder)
        return try await Acting.on(request.recipe.name.ownerName) {
            try await operations.start(kind: Self.kind, title: "build \(release)", inputs: folder) { context in
                var request = request
                request.folder = BuildOrder.context(in: try Self.inputs(context))
                return try await run(request, context)
            }
        }
    }

    /// The kind of its operations.
    package static let kind = "build"

    /// Does again what another process could not bring to its end: finished steps are in the cache.
    package func resume(_ context: OperationContext) async throws -> JSONValue {
        let inputs = try Self.inputs(context)
        let order = try BuildOrder.read(from: inputs)
        let file = BuildOrder.context(in: inputs).pushing(FilePath(order.recipeFile))
        return try await run(try order.request(try await self.inputs.load(file), in: inputs), context)
    }

    private static func inputs(_ context: OperationContext) throws -> FilePath {
        guard let inputs = context.inputs else {
            throw RucheError(.internalError, "the build \(context.id) has lost its recipe's folder")
        }
        return inputs
    }

    private func lock(in context: FilePath) throws -> BuildLock? {
        let path = context.appending(Self.lockFile)
        guard FileTree.exists(path) else { return nil }
        do {
            let bytes = try AtomicFile.read(path, limit: Self.lockLimit)
            let lock = try JSONDecoder().decode(BuildLock.self, from: Data(bytes))
            try FileTree.remove(path)
            return lock
        } catch let error as DecodingError {
            throw RucheError(
                .invalidInput, "the lock can't be read: use the one that a build of this version wrote", cause: error)
        }
    }

    private func run(_ request: BuildRequest, _ context: OperationContext) async throws -> JSONValue {
        let locks = data.appending("run").appending("builds")
        try FileTree.makeFolder(locks, permissions: 0o700)
        // Two builds of one name would race for the same version; builds of other names go on beside this one.
        let name = request.recipe.name
        let turn = try await FileLock.acquire(locks.appending("\(name.owner)+\(name.name).lock"))
        let start = ContinuousClock.now
        let result = try await withBuildEvents(context) { try await builder.build(request, onEvent: $0) }
        withExtendedLifetime(turn) {}
        try await catalogue.published(result.release)
        let release = result.release
        let value: JSONValue = [
            "release": .string("\(release.name):\(release.version)"), "digest": .string(release.digest.description),
            "reusedSteps": .integer(Int64(result.reusedSteps)), "builtSteps": .integer(Int64(result.builtSteps)),
            "seconds": .number((ContinuousClock.now - start).seconds),
        ]
        try await context.events.append(subject: context.subject, kind: "build.published", data: value)
        return value
    }

    /// A line of the operation's log.
    private struct LogLine: Encodable {
        var step: Int
        var stream: String
        var text: String
    }

    /// Runs `body` with a consumer of build events: output goes to the log at once, the rest to the event
    /// log in order, all of it before this returns.
    private func withBuildEvents(
        _ context: OperationContext,
        _ body: @Sendable (@escaping @Sendable (BuildEvent) -> Void) async throws -> BuildResult
    ) async throws -> BuildResult {
        let pending = PendingEvents()
        // What came while the disk was waited for is written together.
        let (signals, sink) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signals {
                    try await context.events.append(pending.take())
                }
            }
            do {
                let result = try await body { event in
                    if case .stepOutput(let index, let line, let isError) = event {
                        // A log that can't be written must not fail the build: a full disk shows soon enough.
                        try? context.log?.append(
                            LogLine(step: index, stream: isError ? "stderr" : "stdout", text: line))
                    } else if let value = Self.value(event) {
                        pending.add(
                            EventDraft(subject: context.subject, kind: value.kind, data: value.data))
                        sink.yield()
                    }
                }
                sink.finish()
                try await group.waitForAll()
                return result
            } catch {
                sink.finish()
                try? await group.waitForAll()  // the build's error is the one to report
                throw error
            }
        }
    }

    private static func value(_ event: BuildEvent) -> (kind: String, data: JSONValue)? {
        switch event {
        case .planned(let steps):
            let values = steps.compactMap { try? JSONValue(encoding: $0) }  // plain values always encode
            return ("build.planned", ["steps": .array(values)])
        case .stepStarted(let index):
            return ("build.step-started", ["index": .integer(Int64(index))])
        case .stepFinished(let index, let outcome):
            guard let value = try? JSONValue(encoding: outcome) else { return nil }  // as above
            return ("build.step-finished", ["index": .integer(Int64(index)), "outcome": value])
        case .stepOutput: return nil
        }
    }
}
