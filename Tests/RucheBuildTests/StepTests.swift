import Glibc
import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

@testable import RucheBuild

struct StepTests {
    private func link(_ target: String, at path: FilePath) throws {
        guard symlink(target, path.string) == 0 else { throw Errno(rawValue: errno) }
    }

    @Test func linksOfAnImageStayInside() async throws {
        try await Machine.withFolder { root in
            try FileTree.makeFolder(root.appending("usr/bin"))
            try link("usr/bin", at: root.appending("bin"))
            try link("../../../../etc", at: root.appending("up"))
            try link("/absolute", at: root.appending("usr/abs"))
            try link("loop", at: root.appending("loop"))
            #expect(try RootPath.resolve("/bin/sh", in: root) == root.appending("usr/bin/sh"))
            #expect(try RootPath.resolve("/up/passwd", in: root) == root.appending("etc/passwd"))
            #expect(try RootPath.resolve("/usr/abs/x", in: root) == root.appending("absolute/x"))
            #expect(try RootPath.resolve("/../../x", in: root) == root.appending("x"))
            #expect(throws: RucheError.self) { try RootPath.resolve("/loop/x", in: root) }
        }
    }

    @Test func findsUsersOfTheImage() async throws {
        try await Machine.withFolder { root in
            try FileTree.makeFolder(root.appending("etc"))
            try AtomicFile.write(
                Array("root:x:0:0:root:/root:/bin/sh\nada:x:1001:1002::/home/ada:\n".utf8),
                to: root.appending("etc/passwd"))
            try AtomicFile.write(Array("lab:x:77:\n".utf8), to: root.appending("etc/group"))
            #expect(try ImageAccount.resolve("ada", in: root) == ImageAccount(uid: 1001, gid: 1002, home: "/home/ada"))
            #expect(try ImageAccount.resolve("ada:lab", in: root).gid == 77)
            #expect(try ImageAccount.resolve("1001", in: root).home == "/home/ada")
            #expect(try ImageAccount.resolve("5:6", in: root) == ImageAccount(uid: 5, gid: 6, home: "/"))
            #expect(try ImageAccount.resolve(nil, in: root) == .root)
            #expect(throws: RucheError.self) { try ImageAccount.resolve("bob", in: root) }
            #expect(throws: RucheError.self) { try ImageAccount.resolve("ada:nobodies", in: root) }
        }
    }

    @Test func layersLoseWhatOnlyTheBuildKnows() async throws {
        try await Machine.withFolder { folder in
            let layer = folder.appending("upper")
            let lower = folder.appending("lower")
            for path in ["etc", "var/log", "tmp", "run", "usr/sbin"] { try FileTree.makeFolder(lower.appending(path)) }
            let files = [
                "etc/machine-id", "etc/resolv.conf", "etc/passwd-", "var/log/apt/history.log", "tmp/x/y",
                "run/ruche/step", "var/cache/ldconfig/aux-cache", "var/lib/dpkg/status-old", "root/.cache/pip/a",
                "etc/kept", "usr/bin/tool", "etc/ssh/ssh_host_rsa_key",
            ]
            for path in files {
                try FileTree.makeFolder(layer.appending(path).removingLastComponent())
                try AtomicFile.write([65], to: layer.appending(path))
            }
            try FileTree.makeFolder(layer.appending("usr/sbin"))
            try AtomicFile.write([], to: layer.appending("usr/sbin/policy-rc.d"))
            try LayerNormalizer(layer: layer, lower: [lower], mountPoints: ["/usr/sbin/policy-rc.d"]).normalize()
            let found = try await SystemCommandRunner().run(
                Command("find", [layer.string, "-type", "f", "-printf", "%P %s\\n"]), onLine: nil)
            #expect(Set(found.output.split(separator: "\n")) == ["etc/machine-id 0", "etc/kept 1", "usr/bin/tool 1"])
            for path in ["tmp", "run", "var/log"] { #expect(!FileTree.exists(layer.appending(path)), "\(path)") }
        }
    }

    @Test func readsReasonsOfApt() {
        func error(_ lines: String...) -> RucheError {
            AptFailure(lines: lines, mirror: "https://m.example/debian").error(doing: "apt-get install")
        }
        #expect(error("E: Unable to locate package foo").details["package"] == "foo")
        #expect(error("E: Package 'bar' has no installation candidate").details["package"] == "bar")
        #expect(error("E: Version '9' for 'bwa' was not found").details["package"] == "bwa=9")
        #expect(error("  Temporary failure resolving 'm.example'").code == .networkUnavailable)
        #expect(error("dpkg: error: No space left on device").code == .diskFull)
        #expect(
            error("  404  Not Found", "E: The repository 'https://m x Release' does not have a Release file.").code
                == .invalidRecipe)
        #expect(error("E: Sub-process /usr/bin/dpkg returned an error code (1)").code == .buildFailed)
    }
}
