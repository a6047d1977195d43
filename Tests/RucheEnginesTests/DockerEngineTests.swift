import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// What Docker alone has: TLS with certificates on both sides, and a data directory under another name.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && EngineDaemon.Kind.docker.isInstalled))
struct DockerEngineTests {
    private func engine(_ data: FilePath, _ values: [String: String]) throws -> DockerEngine {
        let settings = EngineSettings(name: "docker", kind: .docker, values: values.mapValues { .string($0) })
        return try DockerEngine(settings, context: EngineContext(data: data, runner: SystemCommandRunner()))
    }

    private func spec(_ folder: FilePath, _ script: String) throws -> ContainerSpec {
        let layer = folder.appending("layer")
        if !FileTree.exists(layer) { try BusyboxRoot.make(at: layer) }
        return ContainerSpec(
            id: "one", image: FolderImage(layer), scratch: folder.appending("scratch"),
            sandbox: SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", script]))
    }

    @Test func runsOverTLSWithCertificatesOnBothSides() async throws {
        try await Scratch.with { folder in
            let certificates = TestCertificates(in: folder)
            let authority = try await certificates.make("authority")
            let server = try await certificates.make("server", issuedBy: authority)
            let own = try await certificates.make("ruche", issuedBy: authority)
            let address = "127.0.0.1:\(try #require(LocalPort.free()))"
            let arguments = [
                "--tlsverify", "--tlscacert", authority.file, "--tlscert", server.file, "--tlskey", server.key,
                "--host", "tcp://\(address)",
            ]
            try await EngineDaemon.with(.docker, arguments) { _ in
                var values = [
                    "address": address, "authority": authority.file, "certificate": own.file, "key": own.key,
                ]
                let far = try engine(folder, values)
                #expect(far.capabilities.contains(.remote))
                #expect(await far.check() == [])
                let spec = try spec(folder, "echo over TLS; exit 7")
                try await far.launch(spec) {}
                #expect(try await far.wait(spec.id) == ContainerExit(code: 7))
                try await far.delete(spec.id)
                let log = try String(decoding: AtomicFile.read(spec.consoleLog), as: UTF8.self)
                #expect(log.contains("stdout F over TLS\n"))

                // Neither an authority that did not issue the server's certificate, nor a client without one.
                values["authority"] = own.file
                let wrong = await (try engine(folder, values)).check()
                #expect(wrong.first?.message.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(wrong)")
                let nobody = await (try engine(folder, ["address": address, "authority": authority.file])).check()
                #expect(!nobody.isEmpty)
                let plain = await (try engine(folder, ["address": address])).check()
                #expect(!plain.isEmpty)
            }
        }
    }

    /// The data directory as a server knows it that runs in a container: the daemon sees the same folder elsewhere.
    @Test func mountsWhatTheDaemonSeesUnderAnotherName() async throws {
        try await Scratch.with { folder in
            let (inside, outside) = (folder.appending("inside"), folder.appending("outside"))
            for path in [inside, outside.appending("job")] { try FileTree.makeFolder(path) }
            try BusyboxRoot.write("from outside\n", to: outside.appending("job/input"))
            // The server's own view: the name exists, and is empty for the daemon.
            try await SystemCommandRunner().runChecked(
                Command("cp", ["-r", outside.appending("job").string, inside.appending("job").string]))
            try BusyboxRoot.write("from inside\n", to: inside.appending("job/input"))
            let socket = try await EngineDaemon.docker.socket().string
            let docker = try engine(inside, ["socket": socket, "host_root": outside.string])
            var spec = try spec(folder, "cat /job/input")
            spec.scratch = inside.appending("scratch")
            try FileTree.makeFolder(outside.appending("scratch"))
            spec.sandbox.mounts.append(
                SandboxSpec.Mount(source: inside.appending("job"), destination: "/job", readOnly: true))
            try await docker.launch(spec) {}
            #expect(try await docker.wait(spec.id) == ContainerExit(code: 0))
            try await docker.delete(spec.id)
            let log = try String(decoding: AtomicFile.read(spec.consoleLog), as: UTF8.self)
            #expect(log.contains("stdout F from outside\n"), "\(log)")
        }
    }
}
