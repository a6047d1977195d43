import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@Suite(.enabled(if: BusyboxRoot.isUsable))
struct OverlayMountTests {
    private func layer(_ folder: FilePath, _ name: String, _ files: [String: String]) throws -> FilePath {
        let path = folder.appending(name)
        try FileTree.makeFolder(path)
        for (file, text) in files { try BusyboxRoot.write(text, to: path.appending(file)) }
        return path
    }

    private func text(_ path: FilePath) throws -> String {
        try String(decoding: AtomicFile.read(path), as: UTF8.self)
    }

    @Test(arguments: ["plain", "with:colon,and comma", #"back\slash "quoted""#])
    func stacksLayersWhateverTheirNames(prefix: String) async throws {
        try await Scratch.with { folder in
            let low = try layer(folder, "\(prefix)-low", ["a": "low", "b": "low"])
            let high = try layer(folder, "\(prefix)-high", ["b": "high"])
            let upper = try layer(folder, "\(prefix)-upper", [:])
            let work = try layer(folder, "\(prefix)-work", [:])
            let root = try layer(folder, "\(prefix)-root", [:])
            try OverlayMount.mount(lower: [low, high], upper: upper, work: work, at: root, durable: true)
            #expect(try text(root.appending("a")) == "low")
            #expect(try text(root.appending("b")) == "high")
            try BusyboxRoot.write("new", to: root.appending("c"))
            #expect(try text(upper.appending("c")) == "new")
            #expect(try OverlayMount.mounted(under: folder) == [root])
            try OverlayMount.unmount(root)
            try OverlayMount.unmount(root)
            #expect(try OverlayMount.mounted(under: folder) == [])
        }
    }

    /// An unmount would write the whole file system to the disk, and every program that syncs would wait for it.
    @Test func syncsOnlyWhatIsToLast() async throws {
        try await Scratch.with { folder in
            let low = try layer(folder, "low", [:])
            for durable in [true, false] {
                let parts = try ["upper", "work", "root"].map { try layer(folder, "\($0)-\(durable)", [:]) }
                let mount = {
                    try OverlayMount.mount(
                        lower: [low], upper: parts[0], work: parts[1], at: parts[2], durable: durable)
                }
                try mount()
                let options = try text("/proc/self/mountinfo").split(separator: "\n").last {
                    $0.contains(parts[2].string)
                }
                #expect(options?.contains("volatile") == !durable)
                try BusyboxRoot.write("x", to: parts[2].appending("f"))
                try OverlayMount.unmount(parts[2])
                #expect(try text(parts[0].appending("f")) == "x")
                // What a loss of power may have torn is not taken for whole.
                if durable { try mount() } else { #expect(throws: RucheError.self) { try mount() } }
            }
        }
    }

    @Test func takesTwoHundredLayersWithLongNames() async throws {
        try await Scratch.with { folder in
            let name = String(repeating: "x", count: 60)
            let lower = try (0..<200).map { try layer(folder, "\(name)\($0)", ["f": "\($0)", "f\($0)": ""]) }
            let root = try layer(folder, "root", [:])
            try OverlayMount.mountReadOnly(lower: lower, at: root)
            #expect(try text(root.appending("f")) == "199")
            #expect(FileTree.exists(root.appending("f0")))
        }
    }

    @Test(arguments: [1, 2]) func refusesWritesToAReadOnlyMount(count: Int) async throws {
        try await Scratch.with { folder in
            let lower = try (0..<count).map { try layer(folder, "l\($0)", ["f\($0)": ""]) }
            let root = try layer(folder, "root", [:])
            try OverlayMount.mountReadOnly(lower: lower, at: root)
            #expect(throws: Errno.readOnlyFileSystem) { try BusyboxRoot.write("", to: root.appending("g")) }
        }
    }

    @Test func takesEqualLayersOnceWhereTheTopmostIs() async throws {
        try await Scratch.with { folder in
            let twice = try layer(folder, "twice", ["a": "twice", "b": "twice"])
            let between = try layer(folder, "between", ["a": "between", "c": "between"])
            let root = try layer(folder, "root", [:])
            let (upper, work) = (try layer(folder, "upper", [:]), try layer(folder, "work", [:]))
            try OverlayMount.mount(lower: [twice, between, twice], upper: upper, work: work, at: root, durable: true)
            #expect(try ["a", "b", "c"].map { try text(root.appending($0)) } == ["twice", "twice", "between"])
            try OverlayMount.unmount(root)
            try OverlayMount.mountReadOnly(lower: [twice, between, twice], at: root)
            #expect(try text(root.appending("a")) == "twice")
            try OverlayMount.unmount(root)
            try OverlayMount.mountReadOnly(lower: [twice, twice], at: root)
            #expect(throws: Errno.readOnlyFileSystem) { try BusyboxRoot.write("", to: root.appending("g")) }
        }
    }

    @Test func unmountsWhatIsBusy() async throws {
        try await Scratch.with { folder in
            let root = try layer(folder, "root", [:])
            try OverlayMount.mountReadOnly(lower: [try layer(folder, "l", ["f": ""])], at: root)
            let file = try FileDescriptor.open(root.appending("f"), .readOnly)
            try OverlayMount.unmount(root)
            #expect(try OverlayMount.mounted(under: folder) == [])
            try file.close()
        }
    }

    @Test func namesTheTargetOfAMountThatFails() async throws {
        try await Scratch.with { folder in
            let lower = try layer(folder, "l", [:])
            let error = #expect(throws: RucheError.self) {
                try OverlayMount.mountReadOnly(lower: [lower, lower], at: folder.appending("missing"))
            }
            #expect(error?.message.contains("missing") == true)
            try OverlayMount.unmount(folder.appending("missing"))
        }
    }
}
