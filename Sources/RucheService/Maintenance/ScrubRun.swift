package import RucheCore
package import RucheImages
import Synchronization

/// How a scrub is to work.
package struct ScrubOptions: Hashable, Sendable {
    /// Nil is as fast as it goes.
    package var bytesPerSecond: Int64?
    /// From the first blob, not from where one was stopped.
    package var isRestarted = false
    package init() {}
}

/// What a scrub found. The member names are those of the API.
package struct ScrubReport: Hashable, Sendable, Codable {
    /// Whether one that was stopped went on; the numbers are of both.
    package var isResumed: Bool
    package var blobs: Int
    package var bytes: Int64
    /// Blobs that were set aside in `content/damaged/`.
    package var damaged: [Digest]
    /// Releases that need one of these, as `owner/name:version`.
    package var releases: [String]
    package init(isResumed: Bool, blobs: Int, bytes: Int64, damaged: [Digest], releases: [String]) {
        self.isResumed = isResumed
        self.blobs = blobs
        self.bytes = bytes
        self.damaged = damaged
        self.releases = releases
    }
}

/// A scrub as an operation.
package struct ScrubRun: Sendable {
    private let store: FileContentStore
    private let releases: FileReleaseStore

    package init(store: FileContentStore, releases: FileReleaseStore) {
        self.store = store
        self.releases = releases
    }

    package func run(_ options: ScrubOptions, _ context: OperationContext) async throws -> ScrubReport {
        let told = Mutex(-1)
        let found = try await Scrubber(store: store, bytesPerSecond: options.bytesPerSecond).scrub(
            restarting: options.isRestarted
        ) { done, all in
            let percent = done * 100 / max(1, all)
            let isNew = told.withLock { last in
                defer { last = percent }
                return last != percent
            }
            if isNew { await context.report(Double(percent) / 100) }
        }
        return ScrubReport(
            isResumed: found.isResumed, blobs: found.blobs, bytes: found.bytes, damaged: found.damaged,
            releases: try await releases(needing: Set(found.damaged)))
    }

    private func releases(needing damaged: Set<Digest>) async throws -> [String] {
        guard !damaged.isEmpty else { return [] }
        var names: [String] = []
        for name in try await releases.environments() {
            for version in try releases.versions(of: name) {
                let needs: Bool
                do {
                    guard let release = try await releases.release(name, version) else { continue }
                    let contents = try await ReleaseContents(of: release, in: store)
                    needs = contents.missing.contains(where: damaged.contains)
                } catch let error as RucheError where error.code == .corruptContent {
                    // Its index itself is what was set aside.
                    needs = true
                }
                if needs { names.append("\(name):\(version)") }
            }
        }
        return names
    }
}
