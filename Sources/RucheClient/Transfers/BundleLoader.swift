import NIOCore
import RucheCore
import RucheWire
import Synchronization
package import SystemPackage

/// Puts the releases of a bundle into a site. The site compares every blob with its digest, and publishes a release
/// only when it is whole; what is there already is not sent again.
package struct BundleLoader: Sendable {
    private let client: APIClient

    package init(_ client: APIClient) { self.client = client }

    /// Throws `invalid_archive` for a file that is no sound bundle; releases before the fault may be there then, whole.
    package func load(
        _ path: FilePath, onProgress: @escaping @Sendable (_ done: Int64, _ total: Int64) -> Void
    ) async throws -> [ReleaseTransfer.Outcome] {
        let reader = try BundleReader(path)
        let document = try await reader.document()
        var wanted = try await places(document)
        let total = wanted.values.reduce(0) { $0 + $1.size }
        var (done, sent) = (Int64(0), Set<Digest>())
        var known = Dictionary(document.blobs.map { ($0.digest, $0.size) }) { first, _ in first }
        while let (digest, size) = try await reader.nextBlob() {
            guard known.removeValue(forKey: digest) == size else {
                throw RucheError(.invalidArchive, "the bundle has \(digest), which no release in it needs so")
            }
            guard let place = wanted.removeValue(forKey: digest) else { continue }
            let base = done
            try await send(digest, size, to: place.name, reader) { onProgress(base + $0, total) }
            done += size
            sent.insert(digest)
        }
        if let lost = wanted.keys.sorted().first {
            throw RucheError(.invalidArchive, "the bundle lacks \(lost), which a release in it needs")
        }
        return try await publish(document, sent)
    }

    /// Where each blob goes that the site lacks: the first environment that needs it. The others take it from there.
    private func places(_ document: BundleDocument) async throws -> [Digest: (name: EnvironmentName, size: Int64)] {
        var wanted: [Digest: (name: EnvironmentName, size: Int64)] = [:]
        for release in document.releases {
            let missing = Set(try await client.missing(release.blobs.map(\.digest), in: release.name))
            for blob in release.blobs where missing.contains(blob.digest) && wanted[blob.digest] == nil {
                wanted[blob.digest] = (release.name, blob.size)
            }
        }
        return wanted
    }

    private func send(
        _ digest: Digest, _ size: Int64, to name: EnvironmentName, _ reader: BundleReader,
        _ onProgress: @escaping @Sendable (Int64) -> Void
    ) async throws {
        let state = try await client.blobState(digest, in: name)
        if state.isComplete { return }
        let start = min(state.offset, size)
        let first = Mutex(try await reader.skip(start))
        let upload = Upload(length: size - start, onProgress: { onProgress(start + $0) }) {
            if let buffer = first.withLock({ held in
                defer { held = nil }
                return held
            }) {
                return buffer
            }
            return try await reader.nextBytes()
        }
        _ = try await client.sendBlob(digest, size: size, from: start, in: name, upload)
    }

    private func publish(_ document: BundleDocument, _ sent: Set<Digest>) async throws -> [ReleaseTransfer.Outcome] {
        var outcomes: [ReleaseTransfer.Outcome] = []
        var sent = sent
        for var release in document.releases {
            // What another environment of the bundle got is this one's too.
            _ = try await client.missing(release.blobs.map(\.digest), in: release.name)
            let new = release.blobs.filter { sent.remove($0.digest) != nil }
            release.blobs = []
            release.mirrorOf = nil
            if release.environment?.visibility != nil { release.environment?.visibility = .private }
            try await client.publish(release)
            outcomes.append(
                ReleaseTransfer.Outcome(
                    release: "\(release.name):\(release.version)", digest: release.digest, blobs: new.count,
                    bytes: new.reduce(0) { $0 + $1.size }))
        }
        return outcomes
    }
}
