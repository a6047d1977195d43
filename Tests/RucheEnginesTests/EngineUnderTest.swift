import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// One engine that the conformance suite runs against.
struct EngineUnderTest: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let make: @Sendable (_ data: FilePath) async throws -> any Engine

    /// With `RUCHE_TEST_ENGINE` only the one it names.
    static let all = every.filter { engine in
        getenv("RUCHE_TEST_ENGINE").map { String(cString: $0) == engine.testDescription } ?? true
    }

    private static let every =
        [
            EngineUnderTest(testDescription: "oci-runtime") {
                OCIRuntimeEngine(data: $0, runner: SystemCommandRunner(), consoleLogLimit: ByteCount(1 << 20))
            },
            external,
        ] + EngineDaemon.all.map { service($0) }

    static func service(_ daemon: EngineDaemon, hasNetwork: Bool = false) -> EngineUnderTest {
        EngineUnderTest(testDescription: daemon.kind.rawValue) { data in
            let socket = try await daemon.socket()
            var settings = EngineSettings(
                name: daemon.kind.rawValue, kind: try #require(.init(rawValue: daemon.kind.rawValue)),
                values: ["socket": .string(socket.string)])
            if hasNetwork { settings.values["network"] = .string(try await daemon.network()) }
            let context = EngineContext(
                data: data, runner: SystemCommandRunner(), consoleLogLimit: ByteCount(1 << 20))
            return daemon.kind == .lxd
                ? try LXDEngine(settings, context: context) : try DockerEngine(settings, context: context)
        }
    }
}

/// A container of a test: its engine and folders, and what its log holds.
struct Fixture: Sendable {
    let kind: EngineUnderTest
    let engine: any Engine
    let folder: FilePath
    var spec: ContainerSpec

    var id: String { spec.id }
    var data: FilePath { folder.appending("data") }

    /// Another engine over the same data directory: what a restart of the process is.
    func restarted() async throws -> any Engine { try await kind.make(data) }

    /// Makes the parts of a container for `script`, runs `body`, deletes the container and expects that nothing
    /// of it is left: no mount, no control group, no process.
    static func with<Result>(
        _ kind: EngineUnderTest, _ script: String, adjust: (inout ContainerSpec, FilePath) throws -> Void = { _, _ in },
        _ body: (Fixture) async throws -> Result
    ) async throws -> Result {
        try await Scratch.with { folder in
            let layer = folder.appending("layer")
            try BusyboxRoot.make(at: layer)
            try FileTree.makeFolder(folder.appending("data"))
            let name = (folder.lastComponent?.string ?? "").filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
            var sandbox = SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", script])
            sandbox.readOnlyRoot = false
            var spec = ContainerSpec(
                id: "t-\(name)", image: FolderImage(layer), scratch: folder.appending("scratch"), sandbox: sandbox)
            try FileTree.makeFolder(spec.scratch)
            try adjust(&spec, folder)
            let fixture = Fixture(
                kind: kind, engine: try await kind.make(folder.appending("data")), folder: folder, spec: spec)
            do {
                let result = try await body(fixture)
                try await fixture.expectCleanEnd()
                return result
            } catch {
                try await fixture.engine.delete(spec.id)
                throw error
            }
        }
    }

    /// Creates, starts and waits.
    func runToEnd() async throws -> ContainerExit {
        try await engine.create(spec)
        try await engine.start(id)
        return try await engine.wait(id)
    }

    func startRunning() async throws {
        try await engine.create(spec)
        try await engine.start(id)
    }

    /// Lines of the console log: stream, `F` or `P`, text.
    func log() throws -> [(stream: String, tag: String, text: String)] {
        let bytes: [UInt8]
        do { bytes = try AtomicFile.read(spec.consoleLog) } catch Errno.noSuchFileOrDirectory { return [] }
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").compactMap {
            let fields = $0.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
            return fields.count == 4 ? (fields[1], fields[2], fields[3]) : nil
        }
    }

    func logged(_ text: String) async throws -> Bool {
        try await eventually { try log().contains { $0.text.contains(text) } }
    }

    func output() throws -> [String] { try log().filter { $0.stream == "stdout" }.map(\.text) }

    private func expectCleanEnd() async throws {
        try await engine.delete(id)
        try await engine.delete(id)
        #expect(try await engine.state(id) == .absent)
        #expect(try await engine.list() == [])
        #expect(try OverlayMount.mounted(under: folder) == [])
        #expect(try !ControlGroup(container: id).exists)
        // What cleans up after a container may live a moment longer.
        #expect(try await eventually { try processes(naming: id) == [] })
        #expect(!FileTree.exists(spec.writableLayer))
    }

    private func processes(naming text: String) throws -> [String] {
        try FileTree.names(in: "/proc").compactMap(Int32.init).compactMap { pid in
            let line = ProcessIdentity.arguments(of: pid).joined(separator: " ")
            return line.contains(text) ? line : nil
        }
    }
}
