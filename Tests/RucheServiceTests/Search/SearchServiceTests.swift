import RucheCore
import RucheService
import RucheStore
import Testing

@Suite struct SearchServiceTests {
    @Test func wordsBeginWordsAndNamesComeFirst() async throws {
        try await SearchSite.with { site in
            try await site.save([
                .init(name: "lab/aligner", words: "Aligns reads to a génome with variants"),
                .init(name: "lab/variant-calling", words: "Calls what differs in a genome"),
                .init(name: "lab/other", words: "nothing of it", packages: ["samtools=1.16.1-1", "libc6=2.36-9"]),
            ])
            #expect(try await site.names("variant") == ["lab/variant-calling:1.0", "lab/aligner:1.0"])
            #expect(try await site.names("GENOME vari") == ["lab/variant-calling:1.0", "lab/aligner:1.0"])
            #expect(try await site.names("génome calls") == ["lab/variant-calling:1.0"])
            #expect(try await site.names("samtools") == ["lab/other:1.0"])
            #expect(try await site.names("lab/other") == ["lab/other:1.0"])
            #expect(try await site.names("ariant").isEmpty)
            #expect(try await site.names().count == 3)
        }
    }

    @Test(arguments: [
        "\"", "\"\"\"", "'; DROP TABLE releases; --", "AND", "OR NOT", "NEAR(a b)", "((((", "a)", "words:lab", "*",
        "^a",
        "-a", "a\u{0}b", "\u{0}", "col : x", "{a b}: c", "+", "a*b", "%", "_", "\\", "🧬", "\u{301}", "＂", "a\" OR \"b",
    ])
    func hostileTextIsNoError(text: String) async throws {
        try await SearchSite.with { site in
            try await site.save([.init(name: "lab/tool", words: "plain")])
            _ = try await site.names(text)
            _ = try await site.names("plain " + text)
            for facet in SearchFacet.allCases where facet != .software {
                #expect(try await site.names { $0.filters[facet] = [text] }.isEmpty, "\(facet)")
            }
        }
    }

    @Test func whatCannotBeMeantIsRefused() async throws {
        try await SearchSite.with { site in
            func code(_ change: (inout SearchQuery) -> Void) async -> ErrorCode? {
                do { _ = try await site.names(nil, change) } catch { return (error as? RucheError)?.code }
                return nil
            }
            #expect(await code { $0.text = String(repeating: "(\"a ", count: 2500) } == .invalidInput)
            #expect(await code { $0.filters[.os] = [String](repeating: "x", count: 21) } == .invalidInput)
            #expect(await code { $0.filters[.software] = ["=1"] } == .invalidInput)
            #expect(await code { $0.cursor = "' OR 1" } == .invalidInput)
            #expect(await code { $0.cursor = "name:0:0:0:1:lab/x" } == .invalidInput)
        }
    }

    @Test func softwareIsFoundByNameAndVersion() async throws {
        try await SearchSite.with { site in
            try await site.save([
                .init(name: "lab/old", packages: ["samtools=1.11-1", "bwa=0.7.17-6"]),
                .init(name: "lab/new", packages: ["samtools=1:1.16.1+dfsg-1", "numpy=2.0"]),
                .init(name: "lab/near", packages: ["samtools-tests=1.16.1"]),
            ])
            func with(_ software: String...) async throws -> [String] {
                try await site.names { $0.filters[.software] = software }
            }
            #expect(try await with("samtools") == ["lab/new:1.0", "lab/old:1.0"])
            #expect(try await with("SamTools==1.16.1") == ["lab/new:1.0"])
            #expect(try await with("samtools=1.11-1") == ["lab/old:1.0"])
            #expect(try await with("samtools", "bwa") == ["lab/old:1.0"])
            #expect(try await with("samtools==1.1").isEmpty)
        }
    }

    @Test func whatIsNotForTheCallerIsNeitherFoundNorCounted() async throws {
        try await SearchSite.with { site in
            try await site.save([
                .init(name: "lab/open", facets: [.keyword: ["shared"]]),
                .init(name: "lab/hidden", words: "secret", facets: [.keyword: ["secret"]], isPublic: false),
                .init(name: "other/hidden", facets: [.keyword: ["secret"]], isPublic: false),
            ])
            let lab = try #require(OwnerName("lab"))
            for (owners, count) in [(OwnerSelection.all, 3), (.only([lab]), 2), (.only([]), 1)] {
                let result = try await site.search.search(SearchQuery(owners: owners))
                #expect(result.total == count)
                #expect(result.facets[.owner]?.reduce(0) { $0 + $1.count } == count)
                #expect((result.facets[.keyword]?.contains { $0.value == "secret" } ?? false) == (count > 1))
            }
            #expect(try await site.names("secret") { $0.owners = .only([]) }.isEmpty)
        }
    }

    @Test func theNewestReleaseStandsForTheOthers() async throws {
        try await SearchSite.with { site in
            try await site.save([.init(name: "lab/tool", versions: ["1.0", "1.1", "2.0"])])
            #expect(try await site.names("tool") == ["lab/tool:2.0"])
            #expect(try await site.names("tool") { $0.allVersions = true }.sorted().count == 3)
            try await site.database.write { connection in
                let repository = SearchRepository(connection)
                try repository.remove("lab/tool", version: "2.0")
                try repository.setNewest("1.1", of: "lab/tool")
            }
            #expect(try await site.names("tool") == ["lab/tool:1.1"])
            try await site.database.write { try SearchRepository($0).removeAll() }
            #expect(try await site.names("tool").isEmpty)
            try await site.save([.init(name: "lab/again")])
            #expect(try await site.names() == ["lab/again:1.0"])
        }
    }

    @Test func everyChangeButADownloadIsARevision() async throws {
        try await SearchSite.with { site in
            try await site.save([.init(name: "lab/a", versions: ["1.0", "2.0"])])
            func revision() async throws -> Int64 {
                try await site.database.read { try SearchRepository($0).revision() }
            }
            let changes: [@Sendable (SearchRepository) throws -> Void] = [
                { try $0.setNewest("1.0", of: "lab/a") }, { try $0.remove("lab/a", version: "2.0") },
                { try $0.removeAll() },
            ]
            var last = try await revision()
            #expect(last > 0)
            for change in changes {
                try await site.database.write { try SearchRepository($0).countDownload(of: "lab/a", version: "1.0") }
                #expect(try await revision() == last)
                try await site.database.write { try change(SearchRepository($0)) }
                #expect(try await revision() > last)
                last = try await revision()
            }
            try await site.save([.init(name: "lab/b")])
            #expect(try await revision() > last)
        }
    }

    @Test func downloadsAreOfTheReleaseAndOfTheEnvironment() async throws {
        try await SearchSite.with { site in
            try await site.save([.init(name: "lab/a"), .init(name: "lab/b", versions: ["1.0", "2.0"])])
            try await site.database.write { connection in
                for version in ["1.0", "1.0", "2.0"] {
                    try SearchRepository(connection).countDownload(of: "lab/b", version: version)
                }
            }
            var query = SearchQuery(owners: .all)
            let found = try await site.search.search(query).hits
            #expect(found.map(\.name.name) == ["b", "a"] && found.map(\.downloads) == [3, 0])
            query.allVersions = true
            query.sort = .downloads
            #expect(try await site.search.search(query).hits.map(\.downloads) == [2, 1, 0])
        }
    }
}
