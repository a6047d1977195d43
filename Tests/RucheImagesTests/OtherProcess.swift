import Foundation
import Glibc
import RucheHost
import RucheImages
import SystemPackage
import Testing

/// A second process over the same store, which runs one of the roles below until it is killed.
struct OtherProcess {
    static let roleKey = "RUCHE_TEST_ROLE"
    static let folderKey = "RUCHE_TEST_FOLDER"
    private let process: Process

    /// Returns once the other process has done its part and waits.
    init(_ role: String, _ folder: FilePath) throws {
        process = Process()
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
        try process.run()
        // Opening blocks until the other side opens, reading until it writes.
        #expect(try AtomicFile.read(ready) == Array("ready".utf8))
    }

    func kill() throws {
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
    /// Writes to a pipe that the parent reads.
    static func announce(_ path: FilePath) throws {
        let pipe = try FileDescriptor.open(path, .writeOnly)
        _ = try pipe.closeAfter { try pipe.writeAll("ready".utf8) }
    }
}
