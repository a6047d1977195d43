import Foundation
import Glibc
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

/// A second process over the same store, which runs one of the roles below until it is killed.
struct OtherProcess {
    static let roleKey = "RUCHE_TEST_ROLE"
    static let folderKey = "RUCHE_TEST_FOLDER"
    private let process: Process

    /// Returns once the other process has done its part and waits.
    init(_ role: String, _ folder: FilePath) async throws {
        let process = Process()
        self.process = process
        process.executableURL = URL(
            fileURLWithPath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        var arguments = Array(CommandLine.arguments.dropFirst())
        for flag in ["--filter", "--skip", "--xunit-output", "--event-stream-output-path"] {
            while let index = arguments.firstIndex(of: flag) {
                arguments.removeSubrange(index..<min(index + 2, arguments.count))
            }
        }
        process.arguments = arguments + ["--filter", "playsARoleForOtherTests"]
        process.environment = ProcessInfo.processInfo.environment.merging([
            Self.roleKey: role, Self.folderKey: folder.string,
        ]) { $1 }
        let ready = folder.appending("ready.\(role)")
        guard mkfifo(ready.string, 0o600) == 0 else { throw Errno(rawValue: errno) }
        process.standardOutput = FileHandle.nullDevice
        // Never blocks: a process that fails would never open its side.
        let pipe = try FileDescriptor.open(ready, .readOnly, options: [.nonBlocking, .closeOnExec])
        defer { try? pipe.close() }  // it was only read
        try process.run()
        var word: [UInt8] = []
        _ = try await eventually(within: .seconds(120)) {
            // Asked before the reading, so that what it wrote before its end is not missed.
            let isOver = !process.isRunning
            word += try Self.bytes(in: pipe)
            return isOver || word.count >= ReadyPipe.word.count
        }
        if word != ReadyPipe.word, process.isRunning { kill() }
        try #require(word == ReadyPipe.word, "the other process ended, or never was ready")
    }

    /// What is in a pipe now.
    private static func bytes(in pipe: FileDescriptor) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 16)
        do {
            let count = try buffer.withUnsafeMutableBytes { try pipe.read(into: $0) }
            return Array(buffer[..<count])
        } catch let error as Errno where error == .wouldBlock { return [] }
    }

    func kill() {
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}

@Suite struct OtherProcessRoles {
    @Test(.enabled(if: ProcessInfo.processInfo.environment[OtherProcess.roleKey] != nil))
    func playsARoleForOtherTests() async throws {
        let environment = ProcessInfo.processInfo.environment
        let role = try #require(environment[OtherProcess.roleKey])
        let folder = FilePath(try #require(environment[OtherProcess.folderKey]))
        let store = try FileContentStore(folder: folder.appending("content"))
        let lease = try store.lease()
        let writer = try await store.writer()
        try await writer.write([1, 2, 3])
        if role == "lease" { _ = try await writer.commit(expected: nil) }
        try ReadyPipe.announce(folder.appending("ready.\(role)"))
        try await Task.sleep(for: .seconds(600))  // until killed
        await writer.abandon()
        lease.end()
    }
}

enum ReadyPipe {
    static let word = Array("ready".utf8)

    /// Writes to a pipe that the parent reads.
    static func announce(_ path: FilePath) throws {
        let pipe = try FileDescriptor.open(path, .writeOnly)
        _ = try pipe.closeAfter { try pipe.writeAll(word) }
    }
}
