package import RucheCore
import RucheImages
import RucheStore

extension RegistryService {
    /// Removes a tag, or a manifest by its digest with every tag of it. A version goes with its release. Throws
    /// `not_found`, or `invalid_state` for what a job needs or is a part of a release.
    package func delete(_ reference: String, of name: EnvironmentName) async throws {
        guard let digest = Digest(reference) else { return try await delete(tag: reference, of: name) }
        var found = false
        for version in try await versions(served: digest, of: name) {
            try await catalogue.remove(ReleaseReference(name: name, selector: version.description))
            found = true
        }
        if try await store.pushedManifest(digest, of: name) != nil {
            try await store.removePushedManifest(digest, of: name)
            try await catalogue.index.setPushed(digest, of: name, nil)
            try await forget(digest, name)
            found = true
        }
        guard !found else { return try await catalogue.index.saveTags(of: name) }
        guard try await has(digest, in: name) else { throw Self.unknownManifest(reference, name) }
        throw RucheError(.invalidState, "\(digest) is part of a release of \(name): remove the release")
    }

    private func delete(tag: String, of name: EnvironmentName) async throws {
        if let version = ReleaseVersion(tag), try await store.release(name, version) != nil {
            return try await catalogue.remove(ReleaseReference(name: name, selector: tag))
        }
        if try await store.tags(name)[tag] != nil { return try await catalogue.removeTag(tag, of: name) }
        guard try await store.manifestTags(name)[tag] != nil else { throw Self.unknownManifest(tag, name) }
        try await store.removeManifestTag(tag, of: name)
    }

    /// Takes a blob from a repository; its bytes go with the next garbage collection. Throws `not_found`, or
    /// `invalid_state` while a manifest names it.
    package func delete(blob digest: Digest, of name: EnvironmentName) async throws {
        _ = try await size(ofBlob: digest, of: name)
        let isNamed = try await database.read {
            try EnvironmentBlobRepository($0).isNamed(digest.description, in: name.description)
        }
        guard !isNamed else {
            throw RucheError(.invalidState, "a manifest of \(name) names the blob \(digest): delete that first")
        }
        try await forget(digest, name)
    }

    private func forget(_ digest: Digest, _ name: EnvironmentName) async throws {
        try await database.write {
            try EnvironmentBlobRepository($0).removePushed(digest.description, in: name.description)
        }
    }

    /// Seconds that a blob which no manifest names, and an upload that nobody sends to, are kept.
    package static let patience: Int64 = 24 * 3600

    /// Whether a blob was pushed lately and waits for its manifest.
    package func isPushed(_ digest: Digest) async throws -> Bool {
        try await database.read { try EnvironmentBlobRepository($0).isPushed(digest.description) }
    }

    /// Gives up uploads and blobs whose client never came back.
    package func forgetAbandoned() async throws {
        try uploads.removeAbandoned(after: Self.patience)
        let time = now() - Self.patience * 1000
        try await database.write { try EnvironmentBlobRepository($0).removePushed(before: time) }
    }

    private func versions(served digest: Digest, of name: EnvironmentName) async throws -> [ReleaseVersion] {
        var found: [ReleaseVersion] = []
        for version in try await catalogue.versions(of: name) {
            guard let release = try await store.release(name, version) else { continue }
            if release.digest == digest || release.pushed?.digest == digest { found.append(version) }
        }
        return found
    }
}
