import Foundation
import Glibc
import RucheHost
import SystemPackage
import Testing

/// A server of somebody else with documents of Vagrant Cloud and boxes good and bad (`vagrant-cloud.py`).
struct ForeignCloud: Sendable {
    let address: String
    let folder: FilePath

    static func with(_ fixture: RucheFixture, _ body: (ForeignCloud) async throws -> Void) async throws {
        let folder = fixture.folder.appending("cloud")
        try FileTree.makeFolder(folder)
        for name in ["one", "two", "arm"] {
            let file = try await fixture.box(name, bytes: 300_000)
            try await fixture.tool("mv", file, folder.appending("\(name).box").string)
        }
        try await makeBadBoxes(fixture, folder)
        let script = try #require(Bundle.module.path(forResource: "vagrant-cloud", ofType: "py"))
        let line = try await fixture.runner.runChecked(
            Command(
                "/bin/sh",
                ["-c", "python3 \"$1\" \"$2\" >\"$2/server.txt\" 2>&1 & echo $!", "sh", script, folder.string],
                environment: [:])
        ).output
        let pid = try #require(Int32(line.filter(\.isNumber)))
        defer { kill(pid, SIGTERM) }
        try await eventually(within: .seconds(60), "the other server listens") {
            FileTree.exists(folder.appending("port"))
        }
        let port = String(decoding: try AtomicFile.read(folder.appending("port")), as: UTF8.self)
        try await body(ForeignCloud(address: "http://127.0.0.1:\(port)", folder: folder))
    }

    /// One that unpacks to far more than it is, and one with a link that leaves.
    private static func makeBadBoxes(_ fixture: RucheFixture, _ folder: FilePath) async throws {
        try await fixture.tool(
            "sh", "-c",
            """
            set -e; cd \(folder); mkdir bomb link
            echo '{"provider":"libvirt"}' | tee bomb/metadata.json >link/metadata.json
            truncate -s 200M bomb/box.img; ln -s /etc/passwd link/box.img
            tar -C bomb -cf - metadata.json box.img | gzip >bomb.box
            tar -C link -cf link.box metadata.json box.img
            rm -r bomb link
            """)
    }

    /// What was asked of it: path, `Range`, `Authorization`.
    func requests() throws -> [String] {
        String(decoding: try AtomicFile.read(folder.appending("log.txt")), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    /// Those for box files.
    func files() throws -> [String] { try requests().filter { $0.contains("/boxes/") || $0.contains("/cut/") } }
}
