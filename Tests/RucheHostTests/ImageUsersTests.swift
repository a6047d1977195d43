import Glibc
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@Suite(.enabled(if: BusyboxRoot.isUsable))
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

    /// A layer of the given files, folders by a name that ends with a slash.
    private func layer(_ folder: FilePath, _ name: String, _ files: [String: String]) throws -> FilePath {
        let path = folder.appending(name)
        for (file, text) in files {
            let place = path.pushing(FilePath(file))
            try FileTree.makeFolder(place.removingLastComponent())
            try BusyboxRoot.write(text, to: place)
        }
        return path
    }

    @Test func readsLayersAsAMountOfThemShowsThem() async throws {
        try await Scratch.with { folder in
            let low = try layer(
                folder, "low",
                ["etc/passwd": "a:x:5:6::/home/a:\n", "etc/group": "g:x:20:a\n", "store/users": "low:x:1:1:::\n"])
            let high = try layer(folder, "high", ["store/users": "b:x:7:8::/b:\n"])
            #expect(
                try ImageUsers(layers: [low, high]).resolve("a")
                    == ImageUsers.Identity(uid: 5, gid: 6, groups: [20], home: "/home/a"))
            // A link of an upper layer leads to what the layers together show.
            try FileTree.makeFolder(high.appending("etc"))
            #expect(symlink("../../../store/users", high.appending("etc/passwd").string) == 0)
            #expect(try ImageUsers(layers: [low, high]).resolve("b").uid == 7)
            #expect(throws: RucheError.self) { _ = try ImageUsers(layers: [low, high]).resolve("low") }
        }
    }

    @Test func doesNotSeeWhatAnUpperLayerRemoved() async throws {
        try await Scratch.with { folder in
            let low = try layer(folder, "low", ["etc/passwd": "a:x:5:6:::\n", "etc/group": "g:x:20:a\n"])
            let high = try layer(folder, "high", ["etc/group": "h:x:30:a\n"])
            #expect(mknod(high.appending("etc/passwd").string, S_IFCHR, 0) == 0)
            #expect(throws: RucheError.self) { _ = try ImageUsers(layers: [low, high]).resolve("a") }
            // The kernel marks a folder that was removed and made again.
            let parts = ["opaque", "work", "root"].map { folder.appending($0) }
            for part in parts { try FileTree.makeFolder(part) }
            try OverlayMount.mount(lower: [low], upper: parts[0], work: parts[1], at: parts[2], durable: false)
            try FileTree.remove(parts[2].appending("etc"))
            try FileTree.makeFolder(parts[2].appending("etc"))
            try BusyboxRoot.write("h:x:30:a\n", to: parts[2].appending("etc/group"))
            try OverlayMount.unmount(parts[2])
            #expect(throws: RucheError.self) { _ = try ImageUsers(layers: [low, parts[0]]).resolve("a") }
            #expect(try ImageUsers(layers: [low, parts[0]]).resolve("5:h").gid == 30)
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
