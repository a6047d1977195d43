import Foundation
package import RucheBuild
import RucheCore
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
    private let catalogue: CatalogueService
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
        let context = folder.appending("context")
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
        return try await operations.start(kind: "build", title: "build \(release)") { context in
            try await build(request, context)
        }
    }

    /// Removes what builds of a former process left of their recipe folders; their logs stay.
    package func removeLeftovers() throws {
        let folder = data.appending("operations")
        guard FileTree.isFolder(folder) else { return }
        for name in try FileTree.names(in: folder) { try FileTree.remove(folder.appending(name).appending("context")) }
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

    private func build(_ request: BuildRequest, _ context: OperationContext) async throws -> JSONValue {
        let folder = data.appending("operations").appending(context.id.description)
        try FileTree.makeFolder(folder, permissions: 0o700)
        var request = request
        let own = folder.appending("context")
        try AtomicFile.rename(request.folder, to: own)
        try FileTree.remove(request.folder.removingLastComponent())
        request.folder = own
        do {
            let value = try await run(request, context)
            try FileTree.remove(own)
            return value
        } catch {
            try? FileTree.remove(own)  // the build's error is the one to report; what is left goes at the next start
            throw error
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
        let (stream, sink) = AsyncStream<(kind: String, data: JSONValue)>.makeStream()
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in stream {
                    try await context.events.append(subject: context.subject, kind: event.kind, data: event.data)
                }
            }
            do {
                let result = try await body { event in
                    if case .stepOutput(let index, let line, let isError) = event {
                        // A log that can't be written must not fail the build: a full disk shows soon enough.
                        try? context.log?.append(
                            LogLine(step: index, stream: isError ? "stderr" : "stdout", text: line))
                    } else if let value = Self.value(event) {
                        sink.yield(value)
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
