import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

/// Releases and tags as one small JSON file each: `OWNER/NAME/releases/VERSION.json`, `OWNER/NAME/tags/TAG.json`.
package struct FileReleaseStore: ReleaseStore {
    package let folder: FilePath
    let store: any ContentStore
    /// Called with all that a release reaches before it gets its name; what it throws keeps it from that.
    package var willPublish: @Sendable (Release, [Descriptor]) async throws -> Void = { _, _ in }

    package init(folder: FilePath, store: any ContentStore) throws {
        self.folder = folder
        self.store = store
        do { try FileTree.makeFolder(folder) } catch let error as Errno {
            throw RucheError.storage(error, "open the catalogue", folder)
        }
    }

    /// Also throws `not_found` when the release reaches a blob that is not in the store: a release is whole.
    package func publish(_ release: Release) async throws {
        // Until it has its name, a collection spares what it reaches.
        let lease = try (store as? FileContentStore)?.lease()
        defer { lease?.end() }
        let contents = try await ReleaseContents(of: release, in: store)
        if let digest = contents.missing.first ?? contents.unreadable.first {
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) can't be published: blob \(digest) is missing or damaged",
                details: ["digest": digest.description])
        }
        try await willPublish(release, contents.blobs)
        try await locked {
            try refuseChange(of: release.name, from: release.origin)
            var record = Record(
                name: release.name, version: release.version, digest: release.digest, referrers: release.referrers,
                publishedAt: release.publishedAt, pushed: release.pushed)
            if let old = try read(Record.self, path(release.name, release.version)) {
                guard old.digest == record.digest else { throw Self.immutable(old.digest, release) }
                record.publishedAt = old.publishedAt
                record.pushed = old.pushed ?? record.pushed
                record.revocation = old.revocation
                record.referrers =
                    old.referrers
                    + record.referrers.filter { new in
                        !old.referrers.contains { $0.digest == new.digest }
                    }
                // Published again, as by a build that found all its steps made. Who wrote it may have died before its
                // name was on the disk.
                if record == old {
                    return try AtomicFile.syncFolder(path(release.name, release.version).removingLastComponent())
                }
            } else if let target = try tagRecords(release.name)[release.version.description] {
                throw RucheError(
                    .conflict,
                    "\"\(release.version)\" is a tag of \(release.name) for version \(target): remove the tag first")
            }
            try write(record, path(release.name, release.version))
        }
    }

    /// Every version that is released, in no order, also one that can't be read.
    package func versions(of name: EnvironmentName) throws -> [ReleaseVersion] { try versions(name) }

    package func release(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> Release? {
        guard let record = try read(Record.self, path(name, version)) else { return nil }
        return try await release(record)
    }

    package func all() async throws -> (releases: [Release], problems: [String]) {
        var releases: [Release] = []
        var problems: [String] = []
        for path in try releaseFiles() {
            if path.string.hasSuffix(Self.quarantineSuffix) {
                problems.append("\"\(path)\" can't be read as a release: repair it and remove the suffix, or remove it")
                continue
            }
            guard path.string.hasSuffix(".json") else { continue }
            do {
                if let record = try read(Record.self, path) { releases.append(try await release(record)) }
            } catch let error as RucheError {
                problems.append(error.message)
            }
        }
        return (releases.sorted { ($0.name, $0.version) < ($1.name, $1.version) }, problems)
    }

    package func tags(_ name: EnvironmentName) async throws -> [String: ReleaseVersion] { try tagRecords(name) }

    package func setTag(_ tag: String, of name: EnvironmentName, to version: ReleaseVersion?) async throws {
        guard ReleaseReference.isTag(tag) else {
            throw RucheError(.invalidInput, "\"\(tag)\" is no tag: use letters, digits, \".\", \"_\" and \"-\"")
        }
        try await locked {
            guard let version else { return try remove(tagPath(name, tag)) }
            guard try read(Record.self, path(name, version)) != nil else { throw Self.notFound(name, "\(version)") }
            if let other = ReleaseVersion(tag), other != version, FileTree.exists(path(name, other)) {
                throw RucheError(
                    .conflict, "\"\(tag)\" is a version of \(name) already, so it can't be a tag of \(version)")
            }
            try write(TagRecord(version: version), tagPath(name, tag))
        }
    }

    package func remove(_ name: EnvironmentName, _ version: ReleaseVersion) async throws {
        try await locked {
            guard FileTree.exists(path(name, version)) else { throw Self.notFound(name, "\(version)") }
            try removeLocked(name, version)
        }
    }

    /// With the tags of it. To be called inside `locked`.
    func removeLocked(_ name: EnvironmentName, _ version: ReleaseVersion) throws {
        for (tag, target) in try tagRecords(name) where target == version { try remove(tagPath(name, tag)) }
        try remove(path(name, version))
        removeEmptyFolders(of: name)
    }

    /// Whether the very release is here that the tombstone is of. To be called inside `locked`.
    func isStanding(_ tombstone: Tombstone) -> Bool {
        let record = try? read(Record.self, path(tombstone.name, tombstone.version))  // what can't be read is set aside
        return record?.digest == tombstone.digest
    }

    package func resolve(_ reference: ReleaseReference) async throws -> Release {
        let name = reference.name
        var found: ReleaseVersion?
        if let selector = reference.selector {
            // By its own file: an environment may have very many.
            if let version = ReleaseVersion(selector), version.description == selector,
                FileTree.exists(path(name, version))
            {
                found = version
            } else {
                found = try tagRecords(name)[selector]
            }
        } else if let digest = reference.digest {
            found = try versions(name).first { try read(Record.self, path(name, $0))?.digest == digest }
        } else {
            let standing = try versions(name).filter { try read(Record.self, path(name, $0))?.revocation == nil }
            found = standing.filter { !$0.isPrerelease }.max()
            if found == nil, let newest = standing.max() {
                throw RucheError(.notFound, "\(name) has only pre-releases: name one, such as \(name):\(newest)")
            }
        }
        guard let found, let release = try await release(name, found) else {
            throw Self.notFound(name, reference.selector ?? reference.digest?.description)
        }
        if let digest = reference.digest, digest != release.digest {
            throw RucheError(.notFound, "\(name):\(found) has the digest \(release.digest), not \(digest)")
        }
        return release
    }

    /// Runs `body` while no other process or task changes a name.
    func locked<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            let lock = try await FileLock.acquire(folder.appending(".lock"))
            defer { withExtendedLifetime(lock) {} }
            return try await body()
        } catch let error as Errno {
            throw RucheError.storage(error, "change the catalogue", folder)
        }
    }

    package func revoke(_ name: EnvironmentName, _ version: ReleaseVersion, _ revocation: Revocation?) async throws {
        try await locked {
            guard var record = try read(Record.self, path(name, version)) else {
                throw Self.notFound(name, "\(version)")
            }
            guard record.revocation == nil || revocation == nil else { return }
            record.revocation = revocation
            try write(record, path(name, version))
        }
    }

    static func immutable(_ old: Digest, _ release: Release) -> RucheError {
        RucheError(
            .immutable,
            "\(release.name):\(release.version) is published with the digest \(old) and can't become \(release.digest): give the new content a new version",
            details: ["existing": old.description, "new": release.digest.description])
    }

    static func notFound(_ name: EnvironmentName, _ selector: String?) -> RucheError {
        RucheError(.notFound, "\(name)\(selector.map { ":\($0)" } ?? "") is not in the catalogue")
    }
}
