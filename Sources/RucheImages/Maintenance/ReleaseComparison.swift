import RucheCore
import RucheHost

/// Compares two releases: packages from their locks, files from their layers.
package struct ReleaseComparison: Sendable {
    private let store: any ContentStore

    package init(store: any ContentStore) { self.store = store }

    /// Files differ in content, type, owner, mode or link; times alone are no difference.
    package func diff(from old: Release, to new: Release, architecture: String) async throws -> ReleaseDiff {
        var listings = LayerListings(store: store)
        let before = try await listings.files(of: try old.imageDescriptor(architecture: architecture))
        let after = try await listings.files(of: try new.imageDescriptor(architecture: architecture))
        return ReleaseDiff(
            packages: Self.packages(try await lock(of: old), try await lock(of: new)),
            files: Self.files(before, after),
            sizeBefore: try await ReleaseContents(of: old, in: store).size.bytes,
            sizeAfter: try await ReleaseContents(of: new, in: store).size.bytes)
    }

    /// The part of a lock that is read here.
    private struct Lock: Decodable {
        var apt: [String: String]?
        var pip: [String: [String: String]]?
    }

    /// An empty one when the release has none (an imported image).
    private func lock(of release: Release) async throws -> Lock {
        guard let artifact = release.referrers.first(where: { $0.artifactType == MediaType.lock }),
            let blob = try await store.document(Manifest.self, artifact.digest).layers.first
        else { return Lock() }
        return try await store.document(Lock.self, blob.digest)
    }

    private static func packages(_ old: Lock, _ new: Lock) -> [ReleaseDiff.PackageChange] {
        changes("deb", old.apt ?? [:], new.apt ?? [:]) + changes("pypi", flat(old, new), flat(new, old))
    }

    /// Names alone when both releases have one folder of Python packages, else with the folder.
    private static func flat(_ lock: Lock, _ other: Lock) -> [String: String] {
        let folders = Set((lock.pip ?? [:]).keys).union((other.pip ?? [:]).keys)
        var result: [String: String] = [:]
        for (folder, packages) in lock.pip ?? [:] {
            for (name, version) in packages { result[folders.count > 1 ? "\(name) (\(folder))" : name] = version }
        }
        return result
    }

    private static func changes(
        _ system: String, _ old: [String: String], _ new: [String: String]
    ) -> [ReleaseDiff.PackageChange] {
        Set(old.keys).union(new.keys).filter { old[$0] != new[$0] }.sorted().map {
            ReleaseDiff.PackageChange(system: system, name: $0, before: old[$0], after: new[$0])
        }
    }

    private static func files(
        _ old: [[UInt8]: LayerListings.File], _ new: [[UInt8]: LayerListings.File]
    ) -> [ReleaseDiff.FileChange] {
        var changes: [ReleaseDiff.FileChange] = []
        for (path, file) in new where old[path] != file {
            let before = old[path]
            changes.append(
                ReleaseDiff.FileChange(
                    kind: before == nil ? .added : .changed, path: "/" + String(decoding: path, as: UTF8.self),
                    sizeBefore: before?.size, sizeAfter: file.size))
        }
        for (path, file) in old where new[path] == nil {
            changes.append(
                ReleaseDiff.FileChange(
                    kind: .removed, path: "/" + String(decoding: path, as: UTF8.self), sizeBefore: file.size,
                    sizeAfter: nil))
        }
        return changes.sorted { $0.path < $1.path }
    }
}
