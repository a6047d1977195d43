package import RucheCore
import RucheHost
import RucheImages

extension CatalogueService {
    /// Starts looking into a release's machine for where it is to run: what stands against it, and what is left in it.
    /// The operation succeeds whatever is found; its result has the problems.
    package func startCheck(
        of reference: ReleaseReference, target: MachineTarget, flavour: ByteCount?
    ) async throws -> OperationRecord {
        let release = try await resolve(reference)
        try release.requireStanding()
        let name = "\(release.name):\(release.version)"
        return try await Acting.on(release.name.ownerName) {
            try await operations.start(kind: "check", title: "check \(name) for \(target.rawValue)") { context in
                let folder = try makeTemporaryFolder()
                // What can not be removed goes with the folder at the next start.
                defer { try? FileTree.remove(folder) }
                let (steps, sink) = AsyncStream<Double>.makeStream(bufferingPolicy: .bufferingNewest(1))
                async let _: Void = { for await step in steps { await context.report(step) } }()
                defer { sink.finish() }
                let found = try await tools.check(release, target, flavour, folder) { sink.yield($0) }
                var value: [String: JSONValue] = [
                    "release": .string(name), "target": .string(target.rawValue),
                    "problems": .array(try found.problems.map { try JSONValue(encoding: $0) }),
                    "notes": .array(found.notes.map { .string($0) }),
                ]
                value["variant"] = found.variant.map { .string($0) }
                value["system"] = found.system.map { .string($0) }
                return .object(value)
            }
        }
    }
}
