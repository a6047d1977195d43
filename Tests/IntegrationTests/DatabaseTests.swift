import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Reference databases: what a job asks for is there to be read, and nothing else.
@Suite struct DatabaseTests {
    @Test func aJobSeesTheDatabasesItAskedForAndNoOthers() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("genome/chr/1.fa", "ACGT")
            try await fixture.ruche("database", "add", "hg19:2009", "genome")
            try fixture.write("genome/chr/1.fa", "changed afterwards")
            try await fixture.ruche("database", "add", "hg19:2010", "genome")
            try await fixture.ruche("database", "add", "other:1", "genome")
            try await fixture.ruche("database", "add", "hg19:2009", "genome", code: 4)
            let release = try await fixture.buildBusybox(
                job: """
                    find /pipeline/db -type f >/pipeline/outputs/seen
                    cat /pipeline/db/hg19/2009/chr/1.fa >/pipeline/outputs/read
                    touch /pipeline/db/hg19/2009/new 2>/dev/null && echo written >>/pipeline/outputs/seen
                    exit 0
                    """)
            try await fixture.ruche("run", release, "--database", "hg19:2009", "-o", "out")
            let seen = String(decoding: try AtomicFile.read(fixture.folder.appending("out/seen")), as: UTF8.self)
            #expect(seen == "/pipeline/db/hg19/2009/chr/1.fa\n")
            #expect(try AtomicFile.read(fixture.folder.appending("out/read")) == Array("ACGT".utf8))
            try await fixture.ruche("run", release, "--database", "hg38", code: 2)
            try await fixture.ruche("database", "verify", "hg19:2009")
            try fixture.write("data/databases/hg19/2009/chr/1.fa", "AC")
            try await fixture.ruche("database", "verify", "hg19:2009", code: 12)
            try await fixture.ruche("database", "remove", "hg19:2009")
            try await fixture.ruche("database", "show", "hg19:2009", code: 3)
            #expect(try await fixture.ruche("database", "list", "--quiet").output == "hg19:2010\nother:1\n")
        }
    }
}
