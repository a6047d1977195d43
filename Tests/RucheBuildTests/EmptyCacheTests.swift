import Glibc
import RucheCore
import RucheHost
import RucheImages
import Support
import SystemPackage
import Testing

@testable import RucheBuild

/// Builds that start from nothing.
@Suite(.enabled(if: Machine.canBuild, "needs root, runc and mmdebstrap"), .serialized)
struct EmptyCacheTests {
    @Test func twoBuildsFromEmptyCachesGiveTheSameDigests() async throws {
        let (one, two) = try await builtTwice {
            try await Machine.withFolder { folder in
                let site = try BuildSite(in: folder)
                try site.write("data", to: "data.txt")
                let request = try site.request {
                    $0.steps = [
                        .apt(AptStep(packages: ["hello"])), .copy(CopyStep(from: "data.txt", to: "/srv/")),
                        .shell(ShellStep(source: .inline("useradd someone; date > /dev/null"))),
                    ]
                    $0.variants = [.oci, .lxd]
                }
                let result = try await site.build(request)
                #expect(result.builtSteps == 4)
                let dates = try await mirrorDates(below: folder)
                #expect(!dates.isEmpty)
                return (result.release.digest, dates)
            }
        }
        #expect(one == two)
    }

    @Test func namesTheMirrorThatCantBeReached() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let request = try site.request { $0.mirror = "http://127.0.0.1:9/debian" }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .networkUnavailable)
            #expect(error?.message.contains("127.0.0.1:9") == true)
            #expect(try FileTree.names(in: site.configuration.work).isEmpty)
        }
    }

    @Test func namesTheSuiteThatDoesNotExist() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let request = try site.request { $0.from = .debian(suite: "nosuchsuite") }
            let error = await #expect(throws: RucheError.self) { try await site.build(request) }
            #expect(error?.code == .invalidRecipe)
            #expect(error?.message.contains("nosuchsuite") == true)
        }
    }

    @Test func asksForAMirrorWhenNoneIsKnown() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder) { $0.aptFolder = folder.appending("nothing") }
            let error = await #expect(throws: RucheError.self) { try await site.build(try site.request()) }
            #expect(error?.message.contains("set \"mirror\"") == true)
        }
    }

    /// A build that is killed with KILL leaves the programs that it ran on the machine, such as mmdebstrap.
    @Test func reconcileEndsTheProgramsOfAKilledBuild() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let work = site.configuration.work.appending("dead")
            try FileTree.makeFolder(work)
            let ready = AsyncStream.makeStream(of: Void.self)
            let left = Task {
                try await MarkingRunner(runner: SystemCommandRunner(), folder: work).run(
                    Command("/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do /bin/sleep 4712; done"])
                ) { _ in ready.continuation.yield() }
            }
            for await _ in ready.stream { break }
            #expect(try await site.builder.reconcile() == 1)
            #expect(try await left.value.status == .signalled(SIGKILL))
            #expect(!FileTree.exists(work))
        }
    }

    /// A process that is killed with KILL in a step leaves a container, a mount and a folder behind.
    @Test func reconcileClearsWhatAKilledBuildLeft() async throws {
        try await Machine.withFolder { folder in
            let site = try BuildSite(in: folder)
            let work = site.configuration.work.appending("dead")
            for name in ["1/lower", "1/upper", "1/work", "1/root"] { try FileTree.makeFolder(work.appending(name)) }
            try BusyboxRoot.make(at: work.appending("1/lower"))
            let root = work.appending("1/root")
            try OverlayMount.mount(
                lower: [work.appending("1/lower")], upper: work.appending("1/upper"), work: work.appending("1/work"),
                at: root, durable: false)
            // As a container's process is: its own mount namespace, whose root is the step's overlay.
            let script = """
                mount --make-rprivate /; mkdir -p $0/old; mount --bind $0 $0; cd $0; pivot_root . old
                umount -l old; echo ready; exec /bin/sleep 4711
                """
            let ready = AsyncStream.makeStream(of: Void.self)
            let container = Task {
                try await SystemCommandRunner().run(
                    Command("unshare", ["-m", "/bin/sh", "-ec", script, root.string])
                ) { _ in ready.continuation.yield() }
            }
            for await _ in ready.stream { break }
            #expect(try await site.builder.reconcile() == 1)
            #expect(try await container.value.status == .signalled(SIGKILL))
            #expect(!FileTree.exists(work))
            #expect(try OverlayMount.mounted(under: folder).isEmpty)
        }
    }
}
