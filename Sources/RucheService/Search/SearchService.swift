import RucheCore
package import RucheStore
import Synchronization

/// Looks for releases and environments. Everything is done in one reading transaction, on the database's own threads.
package final class SearchService: Sendable {
    /// Documents with a word that many have are remembered while nothing changes.
    private struct Memory: Sendable {
        var columns = SearchColumns()
        var common: [String: Bitset] = [:]
    }

    private static let manyDocuments = 1000
    private static let mostRemembered = 512

    private let database: any SQLDatabase
    private let memory = Mutex(Memory())

    package init(database: any SQLDatabase) { self.database = database }

    /// Throws `invalid_input` for a text or filters that can't be meant, and for a cursor of something else.
    package func search(_ query: SearchQuery) async throws -> SearchResult {
        try query.check()
        return try await database.read { connection in
            let repository = SearchRepository(connection)
            let columns = try self.memory.withLock { memory in
                let before = (memory.columns.epoch, memory.columns.sequence)
                try memory.columns.refresh(repository)
                if before != (memory.columns.epoch, memory.columns.sequence) { memory.common = [:] }
                return memory.columns
            }
            var pass = SearchPass(columns: columns, sort: query.order, limit: query.limit)
            try self.prepare(&pass, query, repository)
            pass.run()
            return try Self.result(of: pass, query, repository)
        }
    }

    private func prepare(_ pass: inout SearchPass, _ query: SearchQuery, _ repository: SearchRepository) throws {
        pass.isReversed = query.isReversed
        pass.allVersions = query.allVersions
        pass.after = try query.cursor.map { try SearchCursor.decode($0, query.order) }
        if let names = query.owners.names {
            pass.owners = Set(
                try names.compactMap {
                    try repository.value(SearchFacet.owner.rawValue, named: $0).map { Int32(truncatingIfNeeded: $0) }
                })
        }
        for (facet, texts) in query.filters where facet != .software && !texts.isEmpty {
            let values = try texts.map { text in
                try repository.value(facet.rawValue, named: text).map { Int32(truncatingIfNeeded: $0) } ?? -1
            }
            if facet.needsAll {
                pass.all += values
            } else {
                pass.any.append((SearchColumns.kind(facet), values))
            }
        }
        for text in query.filters[.software] ?? [] {
            let selector = try SoftwareSelector(parsing: text)
            var found = Bitset(capacity: pass.columns.count)
            try repository.documents(package: selector.name, where: selector.matches) { found.insert($0) }
            pass.narrow(to: found)
        }
        if let text = query.text { try look(for: text, &pass, repository) }
    }

    /// Every part of the text has to be there: by its words, or as the name of a package.
    private func look(for text: String, _ pass: inout SearchPass, _ repository: SearchRepository) throws {
        let parts = text.split(whereSeparator: \.isWhitespace).map { (String($0), SearchWords.split(String($0))) }
            .filter { !$0.1.isEmpty }
        // What has no letter and no digit can't be found.
        guard !parts.isEmpty else { return pass.narrow(to: Bitset(capacity: pass.columns.count)) }
        for (part, words) in parts {
            var found: Bitset?
            for word in words {
                let documents = try documents(word, inNames: false, pass.columns, repository)
                found?.formIntersection(documents)
                found = found ?? documents
                guard pass.sort == .relevance else { continue }
                pass.inName.append(try self.documents(word, inNames: true, pass.columns, repository))
            }
            guard var found else { continue }
            if part.utf8.count > 1, !part.contains("=") {
                try repository.documents(package: part, where: { _ in true }) { found.insert($0) }
            }
            pass.narrow(to: found)
        }
    }

    private func documents(
        _ word: String, inNames: Bool, _ columns: SearchColumns, _ repository: SearchRepository
    ) throws -> Bitset {
        let key = (inNames ? "n " : "w ") + word
        if let known = memory.withLock({ memory in
            memory.columns.sequence == columns.sequence && memory.columns.epoch == columns.epoch
                ? memory.common[key] : nil
        }) {
            return known
        }
        var found = Bitset(capacity: columns.count)
        try repository.documents(word: word, inNames: inNames) { found.insert($0) }
        if found.count >= Self.manyDocuments {
            memory.withLock { memory in
                guard memory.columns.sequence == columns.sequence, memory.columns.epoch == columns.epoch else { return }
                if memory.common.count >= Self.mostRemembered { memory.common = [:] }
                memory.common[key] = found
            }
        }
        return found
    }

    private static func result(
        of pass: SearchPass, _ query: SearchQuery, _ repository: SearchRepository
    ) throws -> SearchResult {
        let keys = pass.first.prefix(query.limit)
        let hits = try repository.rows(keys.map { Int64($0.id) }).compactMap { row -> SearchHit? in
            guard let name = EnvironmentName(row.name) else { return nil }
            return SearchHit(
                name: name, version: ReleaseVersion(row.version), digest: Digest(row.digest),
                shown: try JSONText.decode(SearchShown.self, row.shown),
                downloads: query.allVersions ? row.downloads : row.total, publishedAt: row.publishedAt,
                createdAt: row.createdAt)
        }
        var most: [SearchFacet: [(id: Int64, count: Int)]] = [:]
        for facet in SearchFacet.allCases where query.facetValues > 0 {
            most[facet] = pass.most(of: facet, limit: query.facetValues)
        }
        let texts = try repository.texts(ofValues: most.values.flatMap { $0.map(\.id) })
        let facets = most.mapValues { found in
            found.compactMap { found in texts[found.id].map { (value: $0, count: found.count) } }
                .sorted { ($1.count, $0.value) < ($0.count, $1.value) }
        }
        let next = pass.first.count > query.limit ? keys.last.map { SearchCursor.encode($0, query.order) } : nil
        return SearchResult(hits: hits, total: pass.total, facets: facets, next: next)
    }
}

extension SearchPass {
    mutating func narrow(to found: Bitset) {
        if candidates == nil { candidates = found } else { candidates?.formIntersection(found) }
    }
}
