import FoundationEssentials
import RucheHost
import SystemPackage

/// What the engine knows of one container, kept in a file so that another process can go on with it.
struct ContainerRecord: Hashable, Sendable, Codable {
    /// Nil for one that had ended already when it was looked for.
    struct Processes: Hashable, Sendable, Codable {
        var conmon: ProcessIdentity?
        /// The container's first process.
        var first: ProcessIdentity?
    }

    var id: String
    /// The run of the machine it was made in: nothing of a container survives a restart.
    var boot: String
    var scratch: String
    /// Seconds of wall time from the start.
    var timeLimit: Int?
    /// Whether it serves: what it wrote outlives it, and it may have a network of its own.
    var serves: Bool?
    /// Nil until the container is made.
    var processes: Processes?

    var root: FilePath { FilePath(scratch).appending("root") }
    var upper: FilePath { FilePath(scratch).appending("upper") }
    var work: FilePath { FilePath(scratch).appending("work") }

    static func currentBoot() throws -> String {
        let bytes = try AtomicFile.read("/proc/sys/kernel/random/boot_id")
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    }

    func write(to path: FilePath) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        try AtomicFile.write(encoder.encode(self), to: path, permissions: [.ownerReadWrite], durable: false)
    }
}
