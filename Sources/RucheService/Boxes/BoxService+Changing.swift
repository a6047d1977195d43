package import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Boxes of drafts: added, changed, removed, and their files.
extension BoxService {
    /// What is asked of a box; nil leaves it as it is.
    package struct Change: Sendable {
        package var provider: String?
        package var architecture: String?
        package var isDefault: Bool?
        package var url: String?
        package var checksum: FileChecksum?
        package init() {}
    }

    private static let architectures: Set<String> = [
        "unknown", "amd64", "i386", "arm", "arm64", "ppc64le", "ppc64", "mips64le", "mips64", "mipsle", "mips", "s390x",
    ]

    /// Throws `conflict` when there is one for the provider and the architecture.
    package func add(
        _ change: Change, to name: EnvironmentName, _ version: ReleaseVersion
    ) async throws -> BoxVariant {
        let provider = try Self.provider(change.provider)
        let architecture = try Self.architecture(change.architecture ?? "unknown")
        let now = environments.now()
        let draft = try await environments.changeDraft(name, version) { draft in
            guard Self.pick(draft.variants, provider: provider, architecture: architecture) == nil else {
                throw RucheError(.conflict, "\(name):\(version) has a box for \(provider) on \(architecture) already")
            }
            let isFirst = !draft.variants.contains { $0.provider == provider }
            var box = BoxVariant(provider: provider, architecture: architecture, isDefault: isFirst, createdAt: now)
            box.url = try Self.url(change.url)
            box.checksum = change.checksum
            draft.variants.append(box)
            if change.isDefault == true { Self.makeDefault(draft.variants.count - 1, of: &draft) }
        }
        guard let box = Self.pick(draft.variants, provider: provider, architecture: architecture) else {
            throw RucheError(.internalError, "a box that was added is not there")
        }
        return box
    }

    /// Throws `not_found`.
    package func update(
        _ change: Change, of name: EnvironmentName, _ version: ReleaseVersion, provider: String, architecture: String?
    ) async throws -> BoxVariant {
        let now = environments.now()
        let newProvider = try change.provider.map { try Self.provider($0) } ?? provider
        let newArchitecture = try change.architecture.map { try Self.architecture($0) }
        let draft = try await environments.changeDraft(name, version) { draft in
            let index = try Self.index(in: draft, provider, architecture)
            let wanted = (newProvider, newArchitecture ?? draft.variants[index].architecture)
            let other = draft.variants.firstIndex { ($0.provider, $0.architecture) == wanted }
            guard other == nil || other == index else {
                throw RucheError(.conflict, "\(name):\(version) has a box for \(wanted.0) on \(wanted.1) already")
            }
            (draft.variants[index].provider, draft.variants[index].architecture) = wanted
            if let url = change.url { draft.variants[index].url = try Self.url(url) }
            if let checksum = change.checksum { draft.variants[index].checksum = checksum }
            draft.variants[index].updatedAt = now
            if change.isDefault == true { Self.makeDefault(index, of: &draft) }
        }
        return draft.variants[try Self.index(in: draft, newProvider, newArchitecture ?? architecture)]
    }

    package func remove(
        from name: EnvironmentName, _ version: ReleaseVersion, provider: String, architecture: String?
    ) async throws {
        try await environments.changeDraft(name, version) { draft in
            draft.variants.remove(at: try Self.index(in: draft, provider, architecture))
        }
    }

    /// Keeps a box file that `body` sends, as the file of a draft's box. Nothing of a file that is refused stays; the
    /// upload can be tried again.
    package func receive(
        for name: EnvironmentName, _ version: ReleaseVersion, provider: String, architecture: String?,
        _ body: (_ send: @escaping (UnsafeRawBufferPointer) throws -> Void) async throws -> Void
    ) async throws {
        guard let draft = try await environments.draft(name, version) else {
            throw RucheError(.notFound, "\(name) has no version \(version) that is not released")
        }
        let box = draft.variants[try Self.index(in: draft, provider, architecture)]
        let id = try uploads.begin(for: name)
        let quota = QuotaGuard(environments.database)
        do {
            var hasher = box.checksum.map { ChecksumHasher($0.kind) }
            try await uploads.append(to: id, of: name) { send in
                let bounded = try await quota.bounded(send, for: name.ownerName, from: 0)
                try await body { bytes in
                    hasher?.update(bytes)
                    try bounded(bytes)
                }
            }
            if let expected = box.checksum, let found = hasher?.finish(), found != expected {
                throw RucheError(
                    .checksumMismatch,
                    "the box has the \(expected.kind.rawValue) \(found.hex), not \(expected.hex), which its version says"
                )
            }
            let lease = try environments.lease()
            defer { lease.end() }
            let blob = try await uploads.commit(id, of: name, to: content) { blob, path in
                try await check(blob, path, as: box, quota, name)
            }
            try await keep(blob, as: box, of: name, version)
        } catch {
            // Gone already where the end failed; the first error is the one to report.
            try? uploads.cancel(id, of: name)
            throw error
        }
    }

    private func check(
        _ blob: StoredBlob, _ path: FilePath, as box: BoxVariant, _ quota: QuotaGuard, _ name: EnvironmentName
    ) async throws {
        try await quota.require(
            [Descriptor(mediaType: MediaType.box, digest: blob.digest, size: blob.size.bytes)], for: name.ownerName)
        let archive = try BoxArchive(checking: path)
        guard archive.provider == box.provider else {
            throw RucheError(.invalidArchive, "the box is for \(archive.provider.prefix(60)), not for \(box.provider)")
        }
    }

    private func keep(
        _ blob: StoredBlob, as box: BoxVariant, of name: EnvironmentName, _ version: ReleaseVersion
    ) async throws {
        let now = environments.now()
        try await environments.changeDraft(name, version) { draft in
            let index = try Self.index(in: draft, box.provider, box.architecture)
            draft.variants[index].blob = blob.digest
            draft.variants[index].size = blob.size.bytes
            draft.variants[index].url = nil
            if draft.variants[index].checksum == nil {
                draft.variants[index].checksum = FileChecksum(kind: "sha256", hex: blob.digest.hex)
            }
            draft.variants[index].updatedAt = now
        }
    }

    private static func index(in draft: ReleaseDraft, _ provider: String, _ architecture: String?) throws -> Int {
        guard let box = pick(draft.variants, provider: provider, architecture: architecture),
            let index = draft.variants.firstIndex(of: box)
        else {
            throw RucheError(
                .notFound,
                "\(draft.name):\(draft.version) has no box for \(provider.prefix(60))\(architecture.map { " on \($0.prefix(30))" } ?? "")"
            )
        }
        return index
    }

    /// One variant of a provider is what clients get that ask for no architecture.
    private static func makeDefault(_ index: Int, of draft: inout ReleaseDraft) {
        for other in draft.variants.indices where draft.variants[other].provider == draft.variants[index].provider {
            draft.variants[other].isDefault = other == index
        }
    }

    private static func provider(_ text: String?) throws -> String {
        guard let text, text.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9._-]{0,63}/) != nil else {
            throw RucheError(
                .invalidInput, "a provider is a name such as virtualbox or libvirt",
                problems: [Problem(path: "provider.name", message: "this is no name of a provider", found: text)])
        }
        return text
    }

    private static func architecture(_ text: String) throws -> String {
        guard architectures.contains(text) else {
            let allowed = architectures.sorted().joined(separator: ", ")
            throw RucheError(
                .invalidInput, "\"\(text.prefix(40))\" is no architecture here: use one of \(allowed)",
                problems: [
                    Problem(
                        path: "provider.architecture", message: "unknown architecture", found: text, allowed: allowed)
                ])
        }
        return text
    }

    private static func url(_ text: String?) throws -> String? {
        guard let text, !text.isEmpty else { return nil }
        guard text.utf8.count <= 2000, ["http://", "https://"].contains(where: text.hasPrefix),
            text.utf8.allSatisfy({ (33...126).contains($0) })
        else { throw RucheError(.invalidInput, "\"\(text.prefix(200))\" is no http or https address of a box") }
        return text
    }
}
