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

    private func seen(_ fixture: RucheFixture, _ folder: String) throws -> String {
        String(decoding: try AtomicFile.read(fixture.folder.appending("\(folder)/seen")), as: UTF8.self)
    }

    @Test func aPipelineGetsTheDatabasesThatItsRecipeNames() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("genome/1.fa", "ACGT")
            let release = try await fixture.buildBusybox(
                job: "cd /pipeline/db && find . -type f | sort >/pipeline/outputs/seen",
                extra: "  references: [hg19, \"dbsnp:155\"]\n")
            let refused = try await fixture.ruche("run", release, code: 2)
            #expect(refused.errorTail.contains("pipeline.references[0]"), "\(refused.errorTail)")
            #expect(refused.errorTail.contains("dbsnp:155"))
            for name in ["hg19:2009", "dbsnp:154", "dbsnp:155", "other:1"] {
                try await fixture.ruche("database", "add", name, "genome")
            }
            try await fixture.ruche("run", release, "-o", "first")
            #expect(try seen(fixture, "first") == "./dbsnp/155/1.fa\n./hg19/2009/1.fa\n")
            try await fixture.ruche("database", "add", "hg19:2010", "genome")
            let job = try await fixture.ruche(
                "run", release, "--database", "hg19:2009", "-o", "second", "--quiet"
            ).output.filter { !$0.isWhitespace }
            #expect(try seen(fixture, "second") == "./dbsnp/155/1.fa\n./hg19/2009/1.fa\n")
            // The version that was the newest then, and not the one that is now.
            try await fixture.ruche("job", "rerun", job, "-o", "third")
            #expect(try seen(fixture, "third") == "./dbsnp/155/1.fa\n./hg19/2009/1.fa\n")
            let record = String(
                decoding: try AtomicFile.read(fixture.data.appending("jobs/\(job)/run.json")), as: UTF8.self)
            let shown = try await fixture.ruche("database", "show", "dbsnp:155", "--json").output
            let digest = try JSONText.whole(DatabaseDocument.self, shown).digest
            #expect(record.contains("\(digest)") && record.contains("155"))
            // Another content under the same name is not what the record says.
            try await fixture.ruche("database", "remove", "dbsnp:155")
            try fixture.write("genome/1.fa", "changed")
            try await fixture.ruche("database", "add", "dbsnp:155", "genome")
            let changed = try await fixture.ruche("job", "rerun", job, code: 2)
            #expect(changed.errorTail.contains("is not the same any more"), "\(changed.errorTail)")
        }
    }

    @Test(arguments: ["hg 19", "a:b:c", "/etc", "../x", ":1"])
    func aRecipeThatNamesNoDatabaseIsRefused(_ name: String) async throws {
        try await RucheFixture.with { fixture in
            let recipe = try await fixture.busyboxRecipe(extra: "  references: [\"\(name)\"]\n")
            let result = try await fixture.ruche("build", recipe.string, code: 2)
            #expect(result.errorTail.contains("pipeline.references[0]"), "\(result.errorTail)")
        }
    }
}
