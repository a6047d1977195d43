import Glibc
import RucheCore
import RucheEngines
import RucheHost
import Support
import SystemPackage
import Testing

/// What LXD alone has: HTTPS with certificates on both sides, pools, profiles, projects, clusters.
@Suite(.serialized, .enabled(if: BusyboxRoot.isUsable && EngineDaemon.Kind.lxd.isInstalled))
struct LXDEngineTests {
    private func engine(_ data: FilePath, _ values: [String: String], profiles: [String]? = nil) throws -> LXDEngine {
        var settings = EngineSettings(name: "lxd", kind: .lxd, values: values.mapValues { .string($0) })
        if let profiles { settings.values["profiles"] = .array(profiles.map { .string($0) }) }
        return try LXDEngine(settings, context: EngineContext(data: data, runner: SystemCommandRunner()))
    }

    /// Gives the service a certificate of an authority for 127.0.0.1 and restarts it; returns the authority's file.
    private func certify(_ daemon: EngineDaemon, in folder: FilePath) async throws -> String {
        let certificates = TestCertificates(in: folder)
        let authority = try await certificates.make("authority")
        let server = try await certificates.make("lxd", issuedBy: authority)
        let home = try await daemon.socket().removingLastComponent()
        for (file, name) in [(server.file, "server.crt"), (server.key, "server.key")] {
            try AtomicFile.write(AtomicFile.read(FilePath(file)), to: home.appending(name))
        }
        let process = try #require(try await daemon.process())
        #expect(kill(process, SIGKILL) == 0)
        #expect(try await eventually(within: .seconds(90)) { try await daemon.process() != process })
        #expect(
            try await eventually(within: .seconds(90)) { (try? await daemon.client("config", "show")) != nil })
        return authority.file
    }

    private func runOne(_ engine: LXDEngine, _ folder: FilePath) async throws {
        let own = try TemporaryDirectory.make(in: folder, prefix: "one")
        let layer = own.appending("layer")
        try BusyboxRoot.make(at: layer)
        let spec = ContainerSpec(
            id: "far-one", image: FolderImage(layer), scratch: own.appending("scratch"),
            sandbox: SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", "echo over TLS; exit 7"]))
        try await engine.launch(spec) {}
        #expect(try await engine.wait(spec.id) == ContainerExit(code: 7))
        try await engine.delete(spec.id)
        let log = try String(decoding: AtomicFile.read(spec.consoleLog), as: UTF8.self)
        #expect(log.contains("stdout F over TLS\n"))
    }

    /// The certificate names neither an authority nor this address.
    private func runOverTheCertificateLXDMadeItself(
        _ daemon: EngineDaemon, _ address: String, in folder: FilePath
    ) async throws {
        let known = try await daemon.socket().removingLastComponent().appending("server.crt").string
        let own = try await TestCertificates(in: folder).make("visitor")
        _ = try await daemon.client("config", "trust", "add", own.file)
        var values = [
            "address": address, "server_certificate": known, "certificate": own.file, "key": own.key,
        ]
        let far = try engine(folder, values)
        #expect(await far.check() == [])
        try await runOne(far, folder)

        values["server_certificate"] = own.file
        let wrong = await (try engine(folder, values)).check()
        #expect(wrong.first?.message.contains("another certificate than the one in \(own.file)") == true, "\(wrong)")
        values["server_certificate"] = own.key
        #expect(throws: RucheError.self) { try engine(folder, values) }
    }

    @Test func runsOverHTTPSWithCertificatesOnBothSides() async throws {
        try await Scratch.with { folder in
            try await EngineDaemon.with(.lxd) { daemon in
                let address = "127.0.0.1:\(try #require(LocalPort.free()))"
                _ = try await daemon.client("config", "set", "core.https_address", address)
                try await runOverTheCertificateLXDMadeItself(daemon, address, in: folder)
                let authority = try await certify(daemon, in: folder)
                let own = try await TestCertificates(in: folder).make("ruche")
                var values = ["address": address, "certificate": own.file, "key": own.key]
                let error = #expect(throws: RucheError.self) { try engine(folder, values) }
                #expect(error?.code == .invalidInput && error?.message.contains("authority") == true)

                values["authority"] = authority
                let far = try engine(folder, values)
                #expect(far.capabilities.contains(.remote))
                let before = await far.check()
                #expect(before.first?.message.contains("does not trust") == true, "\(before)")
                #expect(before.first?.remedy?.contains("trust add \(own.file)") == true)
                _ = try await daemon.client("config", "trust", "add", own.file)
                #expect(await far.check() == [])

                try await runOne(far, folder)

                // Another authority did not issue this server's certificate.
                values["authority"] = own.file
                let wrong = await (try engine(folder, values)).check()
                #expect(wrong.first?.message.contains("CERTIFICATE_VERIFY_FAILED") == true, "\(wrong)")
            }
        }
    }

    /// A cluster of one: what asks for a member goes there, and members and groups are known by name.
    @Test func runsOnTheMemberOfAClusterThatIsAskedFor() async throws {
        try await Scratch.with { folder in
            try await EngineDaemon.with(.lxd) { daemon in
                let address = "127.0.0.1:\(try #require(LocalPort.free()))"
                _ = try await daemon.client("config", "set", "core.https_address", address)
                _ = try await daemon.client("cluster", "enable", "node1")
                let socket = try await daemon.socket().string
                for target in ["node1", "@default"] {
                    let cluster = try engine(folder, ["socket": socket, "target": target])
                    #expect(await cluster.check() == [], "\(target)")
                    try await runOne(cluster, folder)
                }
                let wrong = await (try engine(folder, ["socket": socket, "target": "node2"])).check()
                #expect(wrong.first?.message.contains("no member \"node2\"") == true, "\(wrong)")
            }
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await Scratch.with { folder in
            let socket = try await EngineDaemon.lxd.socket().string
            for (key, value) in [("pool", "fast"), ("project", "lab"), ("target", "node1")] {
                let findings = await (try engine(folder, ["socket": socket, key: value])).check()
                #expect(findings.count == 1, "\(key): \(findings)")
                #expect(findings.first?.remedy?.contains(key == "project" ? "lxc project create lab" : key) == true)
            }
            let profile = await (try engine(folder, ["socket": socket], profiles: ["gpu"])).check()
            #expect(profile.first?.message == "it has no profile \"gpu\"")
            let absent = await (try engine(folder, ["socket": "/nowhere/lxd.socket"])).check()
            #expect(absent.first?.message.contains("/nowhere/lxd.socket") == true)
            #expect(absent.first?.remedy?.contains("systemctl start lxd") == true)
        }
    }

    @Test func usesAProjectAPoolAndProfilesWithoutTheirNetwork() async throws {
        try await Scratch.with { folder in
            try await EngineDaemon.with(.lxd) { daemon in
                _ = try await daemon.client("project", "create", "lab", "-c", "features.profiles=true")
                _ = try await daemon.client("storage", "create", "fast", "dir")
                _ = try await daemon.client("profile", "create", "net", "--project", "lab")
                _ = try await daemon.client(
                    "profile", "device", "add", "net", "eth0", "nic", "nictype=p2p", "--project", "lab")
                let values = ["socket": try await daemon.socket().string, "project": "lab", "pool": "fast"]
                let engine = try engine(folder, values, profiles: ["net"])
                #expect(await engine.check() == [])
                let layer = folder.appending("layer")
                try BusyboxRoot.make(at: layer)
                let spec = ContainerSpec(
                    id: "lab-one", image: FolderImage(layer), scratch: folder.appending("scratch"),
                    sandbox: SandboxSpec(root: "/", arguments: ["/bin/sh", "-c", "ls /sys/class/net; sleep 600"]))
                try await engine.launch(spec) {}
                let list = try await daemon.client("list", "--project", "lab", "--format", "csv", "--columns", "nb")
                #expect(list == "lab-one,fast\n")
                #expect(try await engine.stats("lab-one").processes >= 1)
                #expect(
                    try await eventually {
                        (try? AtomicFile.read(spec.consoleLog)).map { String(decoding: $0, as: UTF8.self) }?
                            .hasSuffix("stdout F lo\n") ?? false
                    })
                try await engine.delete("lab-one")
            }
        }
    }
}
