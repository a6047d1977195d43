import Glibc
import RucheCore
package import RucheEngines
import RucheHost
package import RucheStore
package import SystemPackage

/// Gathers the figures of the site. What is costly to find out is kept for a while.
package actor SiteMetrics {
    private static let engineAge = Duration.seconds(30)
    private static let contentAge = Duration.seconds(300)

    private let data: FilePath
    private let database: any SQLDatabase
    private let counts: EventCounts
    private let engines: [any Engine]
    private var ready: (until: ContinuousClock.Instant, values: [String: Bool])?
    private var content: (until: ContinuousClock.Instant, bytes: Int64)?

    package init(data: FilePath, database: any SQLDatabase, counts: EventCounts, engines: [any Engine]) {
        self.data = data
        self.database = database
        self.counts = counts
        self.engines = engines
    }

    package func figures() async throws -> SiteFigures {
        let (jobs, newest) = try await database.read { connection in
            (try JobRepository(connection).counts(), try EventRepository(connection).newest())
        }
        var states = Dictionary(uniqueKeysWithValues: JobState.allCases.map { ($0.rawValue, Int64(0)) })
        for (state, count) in jobs { states[state] = count }
        let engines = await readiness()
        return SiteFigures(
            counts: counts.counts, jobs: states, newestEvent: newest, databaseBytes: databaseBytes(),
            contentBytes: await contentBytes(), engines: engines)
    }

    /// Engines are asked beside each other; one that does not answer in a few seconds is not ready.
    private func readiness() async -> [String: Bool] {
        if let ready, ready.until > .now { return ready.values }
        let engines = engines
        let values = await withTaskGroup(of: (String, Bool).self) { group in
            for engine in engines { group.addTask { (engine.name, await Self.isReady(engine)) } }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        ready = (.now + Self.engineAge, values)
        return values
    }

    private static func isReady(_ engine: any Engine) async -> Bool {
        await withTaskGroup(of: Bool.self) { group in
            group.addTask { await engine.check().isEmpty }
            group.addTask {
                try? await Task.sleep(for: .seconds(5))  // cut short when the engine answered
                return false
            }
            defer { group.cancelAll() }
            return await group.next() ?? false
        }
    }

    private func databaseBytes() -> Int64 {
        ["ruche.db", "ruche.db-wal"].reduce(0) { $0 + Self.size(data.appending($1)) }
    }

    private func contentBytes() async -> Int64 {
        if let content, content.until > .now { return content.bytes }
        let bytes = await Self.bytes(in: data.appending("content").appending("blobs").appending("sha256"))
        content = (.now + Self.contentAge, bytes)
        return bytes
    }

    /// Files of a folder and of the folders in it.
    @concurrent private static func bytes(in folder: FilePath, depth: Int = 2) async -> Int64 {
        var total: Int64 = 0
        // A blob may go meanwhile.
        for name in (try? FileTree.names(in: folder)) ?? [] {
            let path = folder.appending(name)
            if depth > 0, FileTree.isFolder(path) {
                total += await bytes(in: path, depth: depth - 1)
            } else {
                total += size(path)
            }
        }
        return total
    }

    private static func size(_ path: FilePath) -> Int64 {
        var status = stat()
        return lstat(path.string, &status) == 0 ? Int64(status.st_size) : 0
    }
}
