import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Lets a container that runc made begin: its first process waits until the gate is opened for reading.
///
/// This is what `runc start` does; without it starting a container costs no second start of runc.
enum StartGate {
    private static let deadline = Duration.seconds(20)

    /// True while the container waits behind the gate.
    static func isClosed(_ gate: FilePath, _ first: ProcessIdentity) -> Bool {
        guard FileTree.exists(gate) else { return false }
        // A start that was interrupted leaves the gate although its container has passed.
        return ProcessIdentity.arguments(of: first.pid).dropFirst().first == "init"
    }

    /// Holds the gate of a container that is still being made open, so that it begins as soon as it is made, and
    /// returns when it has passed. To be cancelled when the container can't be made. Throws `engine_unavailable` when
    /// it has ended, which is when there is a `status`, and never passed.
    static func hold(_ gate: FilePath, status: FilePath) async throws {
        let watch = FileWatch()
        let folder = gate.removingLastComponent()
        watch.add(folder.removingLastComponent())
        var file: FileDescriptor?
        defer { try? file?.close() }  // only read from
        for await _ in watch.looks {
            if file == nil {
                watch.add(folder)
                guard FileTree.exists(gate) else { continue }
                watch.add(gate)
                file = try FileDescriptor.open(gate, .readOnly, options: [.nonBlocking, .closeOnExec])
            }
            // In this order: it may pass and end between the two looks.
            let isOver = FileTree.exists(status)
            if let file, try hasPassed(file) {
                unlink(gate.string)
                return
            }
            if isOver { throw failure }
        }
        throw CancellationError()
    }

    /// Opens the gate and returns when the container has passed. A gate that is gone is no error.
    static func open(_ gate: FilePath, _ first: ProcessIdentity) async throws {
        guard isClosed(gate, first) else {
            unlink(gate.string)
            return
        }
        let file = try FileDescriptor.open(gate, .readOnly, options: [.nonBlocking, .closeOnExec])
        defer { try? file.close() }  // only read from
        let end = ContinuousClock.now + deadline
        var alive = true
        while alive, ContinuousClock.now < end {
            // In this order: it may pass and end between the two looks.
            alive = first.isAlive
            if try hasPassed(file) {
                unlink(gate.string)
                return
            }
            try await Task.sleep(for: .microseconds(200))
        }
        throw failure
    }

    private static var failure: RucheError {
        RucheError(.engineUnavailable, "the container did not start: its first process has gone or hangs")
    }

    private static func hasPassed(_ file: FileDescriptor) throws -> Bool {
        var byte: UInt8 = 0
        do {
            return try withUnsafeMutableBytes(of: &byte) { try file.read(into: $0) } == 1
        } catch Errno.wouldBlock {
            return false
        }
    }
}
