import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// What an engine and a container share: the folder that is `/.ruche` in the container, and what the engine alone
/// keeps beside it. The container may write anything to the former.
struct LXDFolder: Sendable {
    let shared: FilePath
    private let scratch: FilePath

    init(scratch: FilePath) {
        self.scratch = scratch
        shared = scratch.appending("lxd")
    }

    var script: FilePath { shared.appending("run") }
    var consoleLog: FilePath { scratch.appending("console.log") }
    func stream(isError: Bool) -> FilePath { shared.appending(isError ? "err" : "out") }

    /// The start was asked for.
    var startMark: FilePath { scratch.appending("lxd-started") }
    /// The engine ended it: `killed` or `time-out`.
    private var endMark: FilePath { scratch.appending("lxd-ended") }

    /// A pipe on which the script waits: LXD loses ten seconds over a container that ends before it has seen it start.
    private var gate: FilePath { shared.appending("gate") }

    /// What the container's user owns.
    var owned: [FilePath] { [script, gate, stream(isError: false), stream(isError: true), shared] }

    func makeGate() throws {
        guard mkfifo(gate.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
    }

    /// Lets the script go on; false when it does not wait there.
    @discardableResult
    func openGate() -> Bool {
        guard let pipe = try? FileDescriptor.open(gate, .writeOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        else { return false }  // nobody reads
        defer { try? pipe.close() }  // the write is what counts
        return (try? pipe.writeAll("\n".utf8)) != nil
    }

    func clear() throws {
        for path in [shared, startMark, endMark] { try FileTree.remove(path) }
    }

    /// Forgets how it ended, so that it can be started again; its streams go on where they were.
    func forgetEnd() throws {
        let told = ["exit", "process", "refusal"].map { shared.appending($0) }
        for path in told + [startMark, endMark] { try FileTree.remove(path) }
    }

    func markEnd(timedOut: Bool) throws {
        guard !FileTree.exists(endMark) else { return }
        try AtomicFile.write(Array((timedOut ? "time-out" : "killed").utf8), to: endMark, durable: false)
    }

    var hasExit: Bool { read("exit") != nil }

    /// Process number, in the container, of the program; nil until it runs.
    var process: Int32? { read("process").flatMap { Int32($0) } }
    /// Why the program could not be run.
    var refusal: String? { read("refusal") }

    /// Neither its script nor the engine ended it, of one that runs: as yet.
    var isLost: Bool { !hasExit && !FileTree.exists(endMark) }

    /// How a stopped container ended.
    var exit: ContainerExit {
        if let mark = try? AtomicFile.read(endMark, limit: 64) {
            return ContainerExit(code: 137, timedOut: mark == Array("time-out".utf8))
        }
        let fields = (read("exit") ?? "").split(separator: " ").compactMap { Int($0) }
        guard fields.count == 2, (0...255).contains(fields[0]) else {
            return ContainerExit(code: 255, lost: "the container was stopped from outside, or the machine was")
        }
        return ContainerExit(code: fields[0], outOfMemory: fields[0] != 0 && fields[1] > 0)
    }

    /// The one line of a file that the container wrote; nil before it is whole.
    private func read(_ name: String) -> String? {
        guard
            let file = try? FileDescriptor.open(
                shared.appending(name), .readOnly, options: [.closeOnExec, .noFollow, .nonBlocking])
        else { return nil }
        defer { try? file.close() }  // it was only read
        var bytes = [UInt8](repeating: 0, count: 4096)
        guard let count = try? bytes.withUnsafeMutableBytes({ try file.read(into: $0) }),
            let end = bytes[..<count].firstIndex(of: 10)
        else { return nil }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }
}
