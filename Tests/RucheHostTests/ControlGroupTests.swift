import Glibc
import Support
import SystemPackage
import Testing

@testable import RucheHost

/// Version 2 over a copy of what a kernel shows, and over the kernel's own tree where there is one.
@Suite struct ControlGroupTests {
    private static let unified: FilePath = "/sys/fs/cgroup/unified"
    private static var hasUnified: Bool { FileTree.exists(unified.appending("cgroup.procs")) }

    private func group(_ folder: FilePath, _ files: [String: String]) throws -> ControlGroup {
        let group = folder.appending("ruche/x")
        try FileTree.makeFolder(group)
        for (name, text) in files { try AtomicFile.write(Array(text.utf8), to: group.appending(name)) }
        return ControlGroup(
            name: "/ruche/x", trees: ControlGroupTrees(controllers: [:], unified: folder, all: [folder]))
    }

    @Test func readsWhatVersion2Says() async throws {
        try await Scratch.with { folder in
            let group = try group(
                folder,
                [
                    "cpu.stat": "usage_usec 1500000\nuser_usec 1000000\nsystem_usec 500000\n", "pids.current": "3\n",
                    "memory.current": "10485760\n", "memory.stat": "anon 4096\ninactive_file 1048576\n",
                    "memory.peak": "20971520\n", "memory.max": "67108864\n",
                    "io.stat": "8:0 rbytes=100 wbytes=200 rios=1 wios=2\n8:16 rbytes=10 wbytes=20 rios=1 wios=2\n",
                    "memory.events": "low 0\nhigh 0\nmax 4\noom 1\noom_kill 2\n",
                    "cgroup.events": "populated 1\nfrozen 1\n", "cgroup.procs": "0\n4000000\n4000001\n",
                ])
            let begin = ContinuousClock.now
            let usage = group.usage()
            #expect(usage.cpuNanoseconds == 1_500_000_000)
            #expect(try #require(usage.takenAt) >= begin)
            #expect(usage.processes == 3)
            #expect(usage.memoryBytes == 9 << 20)
            #expect(usage.memoryPeakBytes == 20 << 20)
            #expect(usage.memoryLimitBytes == 64 << 20)
            #expect(usage.readBytes == 110 && usage.writtenBytes == 220)
            #expect(group.memoryKills == 2)
            #expect(group.isFrozen && group.exists)
            #expect(group.processes() == [4_000_000, 4_000_001], "a process of another namespace is no number")
        }
    }

    @Test func anUnboundedGroupOfAnOlderKernelHasNoLimitAndNoPeak() async throws {
        try await Scratch.with { folder in
            let group = try group(folder, ["memory.current": "4096\n", "memory.max": "max\n"])
            #expect(group.usage().memoryLimitBytes == nil)
            #expect(group.usage().memoryPeakBytes == 4096)
            #expect(group.countsSwap)
        }
    }

    @Test func aGroupThatIsGoneUsesNothing() async throws {
        try await Scratch.with { folder in
            let trees = ControlGroupTrees(controllers: [:], unified: folder, all: [folder])
            let group = ControlGroup(name: "/ruche/none", trees: trees)
            #expect(group.usage() == ControlGroupUsage())
            #expect(!group.exists && !group.isFrozen && group.processes().isEmpty && group.memoryKills == 0)
            try group.remove()
        }
    }

    @Test func freezingAndKillingAreOneWriteEach() async throws {
        try await Scratch.with { folder in
            let group = try group(
                folder, ["cgroup.freeze": "0", "cgroup.kill": "", "cgroup.procs": "", "cgroup.events": "frozen 0\n"])
            group.setFrozen(true)
            func text(_ name: String) throws -> String {
                String(decoding: try AtomicFile.read(folder.appending("ruche/x").appending(name)), as: UTF8.self)
            }
            #expect(try text("cgroup.freeze") == "1")
            #expect(!group.kill(), "nobody is in it")
            #expect(try text("cgroup.kill") == "1")
            #expect(try text("cgroup.freeze") == "0", "frozen processes would never die")
        }
    }

    @Test func tellsTheVersionsOfAMachineApart() {
        func mount(_ path: FilePath, _ type: String, _ options: [String] = ["rw"]) -> MountEntry {
            MountEntry(mountPoint: path, type: type, superOptions: options)
        }
        let two = ControlGroupTrees(mounts: [mount("/", "ext4"), mount("/sys/fs/cgroup", "cgroup2")])
        #expect(two.unified == "/sys/fs/cgroup" && two.controllers.isEmpty && two.all == ["/sys/fs/cgroup"])
        let hybrid = ControlGroupTrees(mounts: [
            mount("/sys/fs/cgroup", "tmpfs"), mount("/sys/fs/cgroup/cpu,cpuacct", "cgroup", ["rw", "cpu", "cpuacct"]),
            mount("/sys/fs/cgroup/unified", "cgroup2"),
        ])
        #expect(hybrid.unified == nil)
        #expect(hybrid.controllers["cpuacct"] == "/sys/fs/cgroup/cpu,cpuacct")
        #expect(hybrid.all == ["/sys/fs/cgroup/cpu,cpuacct", "/sys/fs/cgroup/unified"])
    }

    @Test func saysWhichControllersVersion2Lacks() async throws {
        try await Scratch.with { folder in
            let trees = ControlGroupTrees(controllers: [:], unified: folder, all: [folder])
            try AtomicFile.write(Array("cpuset cpu io pids\n".utf8), to: folder.appending("cgroup.controllers"))
            #expect(trees.missingControllers() == ["memory"])
        }
    }

    /// The kernel's own files, without controllers: they belong to version 1 on a hybrid machine.
    @Test(.enabled(if: hasUnified && geteuid() == 0))
    func freezesKillsAndRemovesOverTheKernelsTree() async throws {
        let name = "/ruche-test-\(getpid())"
        let folder = FilePath(Self.unified.string + name)
        let trees = ControlGroupTrees(controllers: [:], unified: Self.unified, all: [Self.unified])
        let group = ControlGroup(name: name, trees: trees)
        guard mkdir(folder.string, 0o755) == 0 else { throw Errno(rawValue: errno) }
        async let busy = SystemCommandRunner().run(
            Command("/bin/sh", ["-c", "echo $$ > \(folder.string)/cgroup.procs; sleep 600 & exec sleep 600"]),
            onLine: nil)
        #expect(try await eventually { group.processes().count == 2 })
        group.setFrozen(true)
        #expect(try await eventually { group.isFrozen })
        try await group.end()
        #expect(group.processes().isEmpty && !group.isFrozen)
        #expect(try await busy.status == .signalled(SIGKILL))
        try group.remove()
        #expect(!group.exists)
    }
}
