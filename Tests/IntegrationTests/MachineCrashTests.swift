import Glibc
import RucheCore
import RucheHost
import RucheWire
import Support
import SystemPackage
import Testing

/// Kill -9 of the program in each phase of a machine's build: the next start clears up, and the next build goes on and
/// gives the same release.
@Suite(.enabled(if: BusyboxRoot.isUsable)) struct MachineCrashTests {
    enum Phase: String, CaseIterable, Sendable {
        case step, kernel, loader, published, publishing
        /// Each waits in a program of the machine that the build has started.
        case partitions = "sfdisk"
        case bootPartition = "mcopy"
        case fileSystem = "mke2fs"
        case conversion = "qemu-img"
        /// Between the disk and the release, while the appliance is written.
        case package
    }

    /// The release as a build that nobody disturbs makes it.
    private static let undisturbed = Task {
        try await RucheFixture.with { fixture in
            try await fixture.ruche("build", try await fixture.tinyMachineRecipe().string)
            return try await fixture.machineDigest()
        }
    }

    @Test(arguments: Phase.allCases)
    func aKilledBuildLeavesNothingAndResumes(phase: Phase) async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.tinyMachineRecipe()
            try await kill(fixture, recipe, in: phase)
            // The next start of the program, whatever it is for.
            try await fixture.ruche("verify")
            try fixture.expectNothingOfBuilds()
            let again = try await fixture.ruche("build", recipe.string)
            #expect(phase == .step || again.output.contains("reused"), "\(again.output)")
            #expect(try await fixture.machineDigest() == Self.undisturbed.value)
            try fixture.expectNothingOfBuilds()
            try await fixture.ruche("verify")
        }
    }

    private func kill(_ fixture: RucheFixture, _ recipe: FilePath, in phase: Phase) async throws {
        let arguments = ["build", recipe.string]
        switch phase {
        case .step: try await fixture.killWhen(arguments) { fixture.workHas("1/upper/noise.new") }
        case .kernel: try await fixture.killWhen(arguments) { fixture.workHas("3/upper/boot/vmlinuz-1") }
        case .loader: try await fixture.killWhen(arguments) { fixture.workHas("6/upper/boot/loader/core.img") }
        case .partitions, .bootPartition, .fileSystem, .conversion:
            let mark = fixture.folder.appending("held")
            let holder = try fixture.write("holder", "#!/bin/sh\n: >\(mark)\nexec sleep 1000\n", executable: true)
            let program = try #require(Tool.find(phase.rawValue))
            try await fixture.killWhen(arguments, after: "mount --bind \(holder) \(program)") {
                FileTree.exists(mark)
            }
            #expect(!fixture.processes().isEmpty, "the program that was waited for is still there")
        case .package:
            try await fixture.killWhen(arguments) { fixture.hasBlob(startingWith: Array("machine.ovf".utf8)) }
        case .publishing: try await fixture.killAtPublish(recipe, of: "test/machine")
        case .published:
            let release = fixture.data.appending("content/refs/test/machine/releases/1.0.0.json")
            try await fixture.killWhen(arguments) { FileTree.exists(release) }
        }
    }

    /// Room is given little by little, so that the disk is full at one point of the build after the other.
    @Test func aFullDiskIsNamedWhereverItFillsUp() async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.tinyMachineRecipe()
            try FileTree.makeFolder(fixture.data)
            try await fixture.tool("mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", fixture.data.string)
            var failed: Set<String> = []
            for megabytes in 6..<80 {
                let result = try await fixture.run("build", recipe.string)
                if result.status.isSuccess { break }
                let text = result.output + result.errorTail
                #expect(result.status == .exited(11), "\(megabytes) MiB: \(text)")
                #expect(text.contains("no space left") || text.contains("is full"), "\(text)")
                for match in text.matches(of: /failed +(\S+ \S+)/) { failed.insert(String(match.output.1)) }
                try fixture.expectNothingOfBuilds()
                try await fixture.tool("mount", "-o", "remount,size=\(megabytes)m", fixture.data.string)
            }
            print("full in: \(failed.sorted())")
            #expect(
                failed.isSuperset(of: ["shell head", "machine: linux-image-amd64", "variant qcow2", "variant ova"]))
            #expect(try await fixture.machineDigest() == Self.undisturbed.value)
            try await fixture.ruche("verify")
        }
    }
}

extension RucheFixture {
    fileprivate func machineDigest() async throws -> Digest {
        let answer = try await ruche("image", "show", "test/machine", "--json").output
        return try JSONText.whole(ReleaseDocument.self, answer).summary.digest
    }

    /// Whether a file is there in the folder of a running build.
    func workHas(_ path: String) -> Bool {
        let work = data.appending("cache/work")
        return ((try? FileTree.names(in: work)) ?? []).contains {
            FileTree.exists(work.appending($0).pushing(FilePath(path)))
        }
    }

    /// Whether a blob, whole or half, starts with these bytes.
    fileprivate func hasBlob(startingWith start: [UInt8]) -> Bool {
        ["content/ingest", "content/blobs/sha256"].map { data.appending($0) }.contains { folder in
            ((try? FileTree.names(in: folder)) ?? []).contains { name in
                guard let file = try? FileDescriptor.open(folder.appending(name), .readOnly, options: [.closeOnExec])
                else { return false }
                var head = [UInt8](repeating: 0, count: start.count)
                let count = try? file.closeAfter { try head.withUnsafeMutableBytes { try file.read(into: $0) } }
                return count == start.count && head == start
            }
        }
    }

    /// Processes that have the data directory in their arguments or their environment.
    func processes() -> [String] {
        ((try? FileTree.names(in: "/proc")) ?? []).compactMap { Int32($0) }.filter { $0 != getpid() }.compactMap {
            pid in
            let texts = ["cmdline", "environ"].map { name in
                // One that ended meanwhile has none.
                String(decoding: (try? AtomicFile.read(FilePath("/proc/\(pid)/\(name)"))) ?? [], as: UTF8.self)
            }
            guard texts.contains(where: { $0.contains(data.string) }), ProcessIdentity(of: pid) != nil else {
                return nil
            }
            return "\(pid) \(texts[0].replacing("\0", with: " "))"
        }
    }

    /// No process, mount, loop device or file of a build is there.
    func expectNothingOfBuilds() throws {
        #expect(processes().isEmpty)
        let mounts = String(decoding: try AtomicFile.read("/proc/self/mounts"), as: UTF8.self)
        #expect(!mounts.contains(data.string + "/"))
        for device in try FileTree.names(in: "/sys/block") where device.hasPrefix("loop") {
            // A device that nothing is behind has no such file.
            let file = try? AtomicFile.read(FilePath("/sys/block/\(device)/loop/backing_file"))
            #expect(!String(decoding: file ?? [], as: UTF8.self).hasPrefix(folder.string))
        }
        for leftover in ["cache/work", "content/ingest", "uploads"] {
            #expect(try isMissingOrEmpty(data.appending(leftover)), "\(leftover)")
        }
        for operation in try FileTree.names(in: data.appending("operations")) {
            #expect(try isMissingOrEmpty(data.appending("operations/\(operation)/inputs")))
        }
    }
}
