import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import RucheEngines

struct ImageUsersTests {
    private func resolve(_ text: String, prepare: (FilePath) throws -> Void = { _ in }) async throws
        -> ImageUsers.Identity
    {
        try await Scratch.with { root in
            try FileTree.makeFolder(root.appending("etc"))
            try BusyboxRoot.write("a:x:5:6:::\nb:x:7:8:::\nbroken\n9:x:10:11:::\n", to: root.appending("etc/passwd"))
            try BusyboxRoot.write("g:x:20:a,b\nh:x:21:b\ni:x:6:a\n", to: root.appending("etc/group"))
            try prepare(root)
            return try ImageUsers(root: root).resolve(text)
        }
    }

    @Test(
        arguments: [
            ("a", 5, 6, [20]), ("b", 7, 8, [20, 21]), ("5", 5, 6, [20]), ("77", 77, 0, []), ("a:h", 5, 21, []),
            ("a:99", 5, 99, []), ("0:0", 0, 0, []), ("9", 10, 11, []),
        ] as [(String, UInt32, UInt32, [UInt32])])
    func resolvesNamesAndNumbers(text: String, uid: UInt32, gid: UInt32, groups: [UInt32]) async throws {
        #expect(try await resolve(text) == ImageUsers.Identity(uid: uid, gid: gid, groups: groups))
    }

    @Test(arguments: ["", ":g", "nobody", "a:none", "-1", "4294967295", "99999999999", "a:", "+5", "broken"])
    func refusesWhatIsNotThere(text: String) async throws {
        let error = await #expect(throws: RucheError.self) { _ = try await resolve(text) }
        #expect(error?.code == .invalidInput)
    }

    @Test func followsLinksInsideTheRootOnly() async throws {
        let identity = try await resolve("x") { root in
            try FileTree.remove(root.appending("etc/passwd"))
            try FileTree.makeFolder(root.appending("store"))
            try BusyboxRoot.write("x:x:33:34:::\n", to: root.appending("store/users"))
            #expect(symlink("/../../store/users", root.appending("etc/passwd").string) == 0)
        }
        #expect(identity.uid == 33)
        // A link that climbs out of the root leads to itself inside it.
        await #expect(throws: Errno.tooManySymbolicLinkLevels) {
            _ = try await resolve("root") { root in
                try FileTree.remove(root.appending("etc/passwd"))
                #expect(symlink("/../../../../../../etc/passwd", root.appending("etc/passwd").string) == 0)
            }
        }
    }

    @Test func refusesWhatIsNoFile() async throws {
        await #expect(throws: Errno.invalidArgument) {
            _ = try await resolve("a") { root in
                try FileTree.remove(root.appending("etc/passwd"))
                #expect(mkfifo(root.appending("etc/passwd").string, 0o644) == 0)
            }
        }
    }
}
