package import RucheCore

/// Hashes every blob again, and looks for what releases miss.
package struct Verifier: Sendable {
    package struct Progress: Hashable, Sendable {
        package var blobs: Int
        package var bytes: ByteCount
        package var totalBlobs: Int
    }

    package struct Report: Hashable, Sendable {
        package var blobs = 0
        package var bytes = ByteCount(0)
        /// Blobs whose content is not what their digest says. Nothing is removed.
        package var corrupt: [Digest] = []
        /// Blobs that a release needs and that are not here.
        package var missing: [Digest] = []
        /// Releases that need one of these, as `owner/name:version`.
        package var releases: [String] = []
        /// Releases that can't be read at all.
        package var problems: [String] = []
    }

    private let store: any ContentStore
    private let releases: any ReleaseStore
    private static let width = 2

    package init(store: any ContentStore, releases: any ReleaseStore) {
        self.store = store
        self.releases = releases
    }

    /// `progress` is called after each blob, in no order of digests.
    package func verify(progress: (@Sendable (Progress) -> Void)? = nil) async throws -> Report {
        var report = Report()
        let digests = try await store.all()
        try await withThrowingTaskGroup(of: (Digest, Int64?).self) { group in
            var rest = digests.makeIterator()
            for _ in 0..<Self.width {
                if let digest = rest.next() { group.addTask { (digest, try await check(digest)) } }
            }
            while let (digest, size) = try await group.next() {
                report.blobs += 1
                report.bytes.bytes += size ?? 0
                if size == nil { report.corrupt.append(digest) }
                progress?(Progress(blobs: report.blobs, bytes: report.bytes, totalBlobs: digests.count))
                if let digest = rest.next() { group.addTask { (digest, try await check(digest)) } }
            }
        }
        let (all, problems) = try await releases.all()
        report.problems = problems
        var missing: Set<Digest> = []
        let corrupt = Set(report.corrupt)
        for release in all {
            let contents = try await ReleaseContents(of: release, in: store)
            missing.formUnion(contents.missing)
            // Nothing is missing that was not met on the way.
            guard contents.blobs.contains(where: { corrupt.contains($0.digest) || missing.contains($0.digest) }) else {
                continue
            }
            report.releases.append("\(release.name):\(release.version)")
        }
        report.missing = missing.sorted()
        report.corrupt.sort()
        return report
    }

    /// The size of a sound blob, nil for a corrupt one. One that was removed meanwhile is sound and empty.
    private func check(_ digest: Digest) async throws -> Int64? {
        var hasher = StreamHasher()
        var size: Int64 = 0
        do {
            for try await chunk in try await store.stream(digest, offset: 0, length: nil) {
                hasher.update(chunk)
                size += Int64(chunk.count)
            }
        } catch let error as RucheError where error.code == .notFound {
            return 0
        }
        return hasher.finish() == digest ? size : nil
    }
}
