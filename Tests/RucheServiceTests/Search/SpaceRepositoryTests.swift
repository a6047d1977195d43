import RucheStore
import Support
import SystemPackage
import Testing

@Suite struct SpaceRepositoryTests {
    @Test func uniqueAndSharedBytesAreToldApart() async throws {
        try await Scratch.with { folder in
            let database = try SQLiteDatabase(path: folder.appending("ruche.db"))
            try await database.write { connection in
                let blobs = EnvironmentBlobRepository(connection)
                try blobs.set([("a", 1), ("b", 10)], of: "lab/x", source: "release:1.0")
                try blobs.set([("b", 10), ("c", 100)], of: "lab/x", source: "release:2.0")
                try blobs.keep([("d", 1000)], of: "lab/x", source: "draft:3.0")
                try blobs.set([("c", 100)], of: "lab/y", source: "manifest:ff")
                try blobs.push("e", size: 10_000, to: "lab2/z", at: 1)
                try blobs.set([("a", 1)], of: "lab2/z", source: "release:1")
            }
            let (owners, environments, sources, bytes, has) = try await database.read { connection in
                let space = SpaceRepository(connection)
                return (
                    try space.use(.owners), try space.use(.environments(owner: "lab")),
                    try space.use(.sources(name: "lab/x")), try space.bytes(of: "lab"),
                    try ["a", "d", "e"].map { try space.has($0, owner: "lab") }
                )
            }
            func text(_ rows: [SpaceRow]) -> [String] { rows.map { "\($0.name) \($0.bytes) \($0.uniqueBytes)" } }
            #expect(text(owners) == ["lab 1111 1110", "lab2 10001 10000"])
            // What another owner has as well is not told.
            #expect(text(environments) == ["lab/x 1111 1011", "lab/y 100 0"])
            #expect(
                text(sources)
                    == ["lab/x draft:3.0 1000 1000", "lab/x release:1.0 11 1", "lab/x release:2.0 110 0"])
            #expect(bytes == 1111 && has == [true, true, false])
        }
    }
}
