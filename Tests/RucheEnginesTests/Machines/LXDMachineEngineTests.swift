import Foundation
import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

/// The engine of LXD's machines with a real LXD, whose instances are containers here: all but that word is as for
/// machines, which an LXD without KVM can't start.
@Suite(
    .serialized,
    .enabled(
        if: BusyboxRoot.isUsable && EngineDaemon.Kind.lxd.isInstalled && Tool.find(Tool.qemuImage.name) != nil))
struct LXDMachineEngineTests {
    /// Counts its starts, tells of its first settings, serves both, and ends by the power button.
    private static let system = """
        #!/bin/sh
        trap 'exit 0' PWR
        ip link set lo up
        echo x >>/srv/starts
        stat -c %s /seed.iso >/srv/seed
        /bin/busybox httpd -p 80 -h /srv
        while :; do sleep 1 & wait $!; done

        """
    private static let deaf = "#!/bin/sh\ntrap '' PWR TERM\nwhile :; do sleep 1; done\n"

    private struct Site {
        let socket: FilePath
        let folder: FilePath
        var spec: InstanceSpec

        var data: FilePath { folder.appending("data") }

        func engine(
            _ kind: LXDMachine.Kind = .container, data: FilePath? = nil
        ) throws -> LXDMachineEngine {
            let settings = EngineSettings(name: "lxd", kind: .lxd, values: ["socket": .string(socket.string)])
            let context = EngineContext(data: data ?? self.data, runner: SystemCommandRunner())
            return LXDMachineEngine(try LXDEngine(settings, context: context), of: kind)
        }

        func fetch(_ path: String, port: Int? = nil) async throws -> String? {
            let result = try await SystemCommandRunner().run(
                Command("curl", ["-sSf", "--max-time", "5", "http://127.0.0.1:\(port ?? spec.ports[0].host)\(path)"]),
                onLine: nil)
            return result.status.isSuccess ? result.output : nil
        }
    }

    private func with(
        _ daemon: EngineDaemon = .lxd, _ system: String = system, _ body: (Site) async throws -> Void
    ) async throws {
        try await Scratch.with { folder in
            let layer = folder.appending("layer")
            try BusyboxRoot.make(at: layer)
            for name in ["sbin", "srv"] { try FileTree.makeFolder(layer.appending(name)) }
            try BusyboxRoot.write(system, to: layer.appending("sbin/init"))
            try FileTree.setMode(layer.appending("sbin/init"), 0o755)
            let root = folder.appending("root.tar")
            let image = FolderImage(layer)
            try await image.writeRootArchive(to: root)
            var generator = SystemRandomNumberGenerator()
            let id = Identifier(milliseconds: UInt64(Date().timeIntervalSince1970 * 1000), using: &generator)
            var spec = InstanceSpec(
                id: id, name: "bee", folder: folder.appending("data/instances/\(id)"), image: .disk(root, .raw),
                cpus: 1, memory: ByteCount(64 << 20))
            spec.imageDigest = Digest(bytes: Array((id.description.utf8 + Array(repeating: 0, count: 32)).prefix(32)))
            spec.ports = [PortPublication(host: try #require(LocalPort.free()), guest: 80)]
            try FileTree.makeFolder(spec.folder)
            let site = Site(socket: try await daemon.socket(), folder: folder, spec: spec)
            do { try await body(site) } catch {
                try? await site.engine().delete(spec)  // the first error is the one to report
                throw error
            }
            try await site.engine().delete(spec)
        }
    }

    // MARK: Life

    @Test func itIsMadeStartedEndedAndStartedAgainUnderOtherPorts() async throws {
        try await with { site in
            var spec = site.spec
            let engine = try site.engine()
            try await engine.create(spec)
            try await engine.create(spec)
            #expect(await !engine.isRunning(spec))
            #expect(try await engine.held() == [spec.id])
            // First settings come after the instance is made.
            try AtomicFile.write(
                [UInt8](repeating: 1, count: 42), to: spec.folder.appending(InstanceSpec.seedFile),
                permissions: [.ownerReadWrite])
            try await engine.start(spec)
            try await engine.start(spec)
            #expect(await engine.isRunning(spec))
            #expect(try await eventually { try await site.fetch("/seed") == "42\n" })
            let made = try #require(try await engine.client.instance(spec.mark))
            #expect(made.config["limits.memory"] == "\(64 << 20)" && made.config["limits.cpu"] == "1")
            #expect(made.config["volatile.base_image"] != nil, "what LXD keeps stays")
            try await engine.powerDown(spec)
            #expect(try await eventually { await !engine.isRunning(spec) })
            #expect(await engine.ending(spec) == nil)

            let before = spec.ports[0].host
            spec.ports = [PortPublication(host: try #require(LocalPort.free(besides: before)), guest: 80)]
            try await engine.start(spec)
            #expect(try await eventually { try await site.fetch("/starts", port: spec.ports[0].host) == "x\nx\n" })
            #expect(try await site.fetch("/starts", port: before) == nil)
            try await engine.kill(spec)
            try await engine.kill(spec)
            #expect(await !engine.isRunning(spec))
            try await engine.delete(spec)
            try await engine.delete(spec)
            #expect(try await engine.held() == [])
            let error = await #expect(throws: RucheError.self) { try await engine.start(spec) }
            #expect(error?.code == .notFound)
        }
    }

    @Test func aSnapshotGivesBackTheDiskAndNothingElse() async throws {
        try await with { site in
            let (engine, spec) = (try site.engine(), site.spec)
            try await engine.create(spec)
            try await engine.start(spec)
            #expect(try await eventually { try await site.fetch("/starts") == "x\n" })
            try await engine.snapshot(spec, as: "before-upgrade")
            let error = await #expect(throws: RucheError.self) { try await engine.restore(spec, to: "before-upgrade") }
            #expect(error?.code == .invalidState)
            try await engine.kill(spec)
            try await engine.start(spec)
            #expect(try await eventually { try await site.fetch("/starts") == "x\nx\n" })
            try await engine.kill(spec)
            try await engine.restore(spec, to: "before-upgrade")
            var other = spec
            other.ports = [PortPublication(host: try #require(LocalPort.free()), guest: 80)]
            try await engine.start(other)
            #expect(
                try await eventually { try await site.fetch("/starts", port: other.ports[0].host) == "x\nx\n" },
                "the second of these starts is this one")
        }
    }

    @Test func aGuestThatHearsNothingIsAskedAndThenKilled() async throws {
        try await with(.lxd, Self.deaf) { site in
            let (engine, spec) = (try site.engine(), site.spec)
            try await engine.create(spec)
            try await engine.start(spec)
            try await engine.powerDown(spec)
            #expect(await engine.isRunning(spec))
            try await engine.kill(spec)
            #expect(await !engine.isRunning(spec))
        }
    }

    @Test func aPortThatSomebodyHasIsNamed() async throws {
        try await with { site in
            let (engine, spec) = (try site.engine(), site.spec)
            try await engine.create(spec)
            let port = spec.ports[0]
            let other = try WatchedScript(
                "busybox httpd -f -p 127.0.0.1:$1 & cat >/dev/null; kill $!; wait $!", ["\(port.host)"],
                log: site.folder.appending("httpd"))
            #expect(try await eventually { LocalPort.obstacle(port.address, port.host) != nil })
            let error = await #expect(throws: RucheError.self) { try await engine.start(spec) }
            #expect(error?.code == .inUse && error?.details["port"] == "\(port.host)")
            #expect(await !engine.isRunning(spec))
            try await other.end()
            try await engine.start(spec)
            #expect(await engine.isRunning(spec))
        }
    }

    // MARK: Others

    @Test func oneOfAnotherDataDirectoryIsNeverTouched() async throws {
        try await with { site in
            let (engine, spec) = (try site.engine(), site.spec)
            let stranger = try site.engine(data: site.folder.appending("other"))
            try await engine.create(spec)
            try await engine.start(spec)
            #expect(try await stranger.held() == [])
            #expect(await !stranger.isRunning(spec))
            for end in [stranger.powerDown, stranger.kill, stranger.delete] { try await end(spec) }
            let error = await #expect(throws: RucheError.self) { try await stranger.create(spec) }
            #expect(error?.message.contains("already exists") == true, "\(String(describing: error))")
            #expect(await engine.isRunning(spec))
            // Nor do engines of jobs take it for a container of theirs.
            #expect(try await !engine.engine.list().contains(spec.mark))
        }
    }

    @Test func whatLXDLostIsSeen() async throws {
        try await with { site in
            let (engine, spec) = (try site.engine(), site.spec)
            try await engine.create(spec)
            try await engine.start(spec)
            // Somebody's own client finds it by the program of the console.
            var program = try #require(engine.console(spec)).program
            #expect(program.suffix(2) == ["console", spec.mark])
            program.replaceSubrange((program.count - 2)..., with: ["delete", "--force", spec.mark])
            let home = ["HOME": site.folder.string]
            try await SystemCommandRunner().runChecked(
                Command(program[0], Array(program.dropFirst()), environment: home))
            #expect(await !engine.isRunning(spec))
            #expect(await engine.ending(spec) == "LXD has it no more")
        }
    }

    @Test func itOutlivesTheServerAndLXD() async throws {
        try await EngineDaemon.with(.lxd) { daemon in
            try await with(daemon) { site in
                let spec = site.spec
                try await site.engine().create(spec)
                try await site.engine().start(spec)
                #expect(try await eventually { try await site.fetch("/starts") == "x\n" })
                let process = try #require(try await daemon.process())
                #expect(kill(process, SIGKILL) == 0)
                let engine = try site.engine()
                #expect(await engine.isRunning(spec), "nobody takes it for ended while LXD is away")
                #expect(try await eventually(within: .seconds(90)) { try await daemon.process() != process })
                #expect(try await eventually(within: .seconds(90)) { (try? await engine.held()) == [spec.id] })
                #expect(await engine.isRunning(spec))
                try await engine.kill(spec)
                #expect(await !engine.isRunning(spec))
            }
        }
    }

    /// By another process, while LXD still works for the one that died.
    @Test(arguments: [0, 20, 60, 150]) func oneThatIsHalfMadeGoes(_ delay: Int) async throws {
        try await with { site in
            let making = Task { try await site.engine().create(site.spec) }
            try await Task.sleep(for: .milliseconds(delay))
            let other = try site.engine()
            try await other.delete(site.spec)
            _ = await making.result
            // What was asked for after that is seen when the server looks for what nobody knows.
            for id in try await other.held() where id == site.spec.id { try await other.delete(site.spec) }
            #expect(try await other.client.instance(site.spec.mark) == nil)
        }
    }

    // MARK: Machines

    /// By a real LXD, where it has no QEMU: the disk becomes an image of a machine, once, and the machine is refused.
    @Test func anLXDWithoutMachinesSaysWhatItLacks() async throws {
        try await with { site in
            let engine = try site.engine(.machine)
            guard try await engine.client.server().environment?.driver?.contains("qemu") == false else { return }
            let finding = try #require(await engine.check().first)
            #expect(finding.message.hasPrefix("it can't run virtual machines: "), "\(finding)")
            #expect(finding.remedy?.contains("use the engine qemu") == true)

            var spec = site.spec
            let disk = site.folder.appending("disk.raw")
            try TinyGuest.write(disk)
            spec.image = .disk(disk, .raw)
            spec.imageDigest = Digest(
                bytes: Array(spec.id.description.utf8.reversed().prefix(26) + [1, 2, 3, 4, 5, 6]))
            for _ in 1...2 {
                let error = await #expect(throws: RucheError.self) { try await engine.create(spec) }
                #expect(error?.code == .unsupported, "\(String(describing: error))")
                #expect(error?.message.hasPrefix("the engine lxd can't run virtual machines: ") == true)
                #expect(error?.message.contains("It needs KVM and the kernel module vhost_vsock") == true)
            }
            #expect(try await engine.held() == [])
            let images = try await engine.client.images().filter {
                $0.properties?[LXDKey.digest] == spec.imageDigest?.hex
            }
            #expect(images.count == 1)
            for image in images { try await engine.client.removeImage(image.fingerprint) }

            spec.disk = ByteCount(1 << 19)
            let error = await #expect(throws: RucheError.self) { try await engine.create(spec) }
            #expect(error?.problems.map(\.path) == ["disk"], "smaller than the image's")
        }
    }
}
