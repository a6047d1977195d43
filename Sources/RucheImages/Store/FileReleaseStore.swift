import Glibc
package import RucheCore
import RucheHost
package import SystemPackage

/// Releases and tags as one small JSON file each: `OWNER/NAME/releases/VERSION.json`, `OWNER/NAME/tags/TAG.json`.
package struct FileReleaseStore: ReleaseStore {
    package let folder: FilePath
    private let store: any ContentStore

    /// What a release's file says; everything else is in the content store.
    private struct Record: Codable {
        var schema = 1
        var name: EnvironmentName
        var version: ReleaseVersion
        var digest: Digest
        var referrers: [Descriptor]
        var publishedAt: Int64
    }

    private struct TagRecord: Codable {
        var schema = 1
        var version: ReleaseVersion
    }

    package init(folder: FilePath, store: any ContentStore) throws {
        self.folder = folder
        self.store = store
        do { try FileTree.makeFolder(folder) } catch let error as Errno {
            throw RucheError.storage(error, "open the catalogue", folder)
        }
    }

    /// Also throws `not_found` when the release reaches a blob that is not in the store: a release is whole.
    package func publish(_ release: Release) async throws {
        let contents = try await ReleaseContents(of: release, in: store)
        if let digest = contents.missing.first ?? contents.unreadable.first {
            throw RucheError(
                .notFound,
                "\(release.name):\(release.version) can't be published: blob \(digest) is missing or damaged",
                details: ["digest": digest.description])
        }
        try await locked {
            var record = Record(
                name: release.name, version: release.version, digest: release.digest, referrers: release.referrers,
                publishedAt: release.publishedAt)
            if let old = try read(Record.self, path(release.name, release.version)) {
                guard old.digest == record.digest else { throw Self.immutable(old.digest, release) }
                record.publishedAt = old.publishedAt
                record.referrers =
                    old.referrers
                    + record.referrers.filter { new in
                        !old.referrers.contains { $0.digest == new.digest }
                    }
            } else if let target = try tagRecords(release.name)[release.version.description] {
                throw RucheError(
                    .conflict,
                    "\"\(release.version)\" is a tag of \(release.name) for version \(target): remove the tag first")
            }
            try write(record, path(release.name, release.version))
        }
    }

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
            for (tag, target) in try tagRecords(name) where target == version { try remove(tagPath(name, tag)) }
            try remove(path(name, version))
            // Folders that are empty now; those that are not stay.
            for part in ["releases", "tags"] { rmdir(base(name).appending(part).string) }
            rmdir(base(name).string)
            rmdir(folder.appending(name.owner).string)
        }
    }

    package func resolve(_ reference: ReleaseReference) async throws -> Release {
        let name = reference.name
        let versions = try versions(name)
        var found: ReleaseVersion?
        if let selector = reference.selector {
            found = versions.first { $0.description == selector }
            if found == nil { found = try tagRecords(name)[selector] }
        } else if let digest = reference.digest {
            found = try versions.first { try read(Record.self, path(name, $0))?.digest == digest }
        } else {
            found = versions.filter { !$0.isPrerelease }.max()
            if found == nil, let newest = versions.max() {
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

    // MARK: Files

    private static let quarantineSuffix = ".quarantined"

    private func base(_ name: EnvironmentName) -> FilePath { folder.appending(name.owner).appending(name.name) }

    private func path(_ name: EnvironmentName, _ version: ReleaseVersion) -> FilePath {
        base(name).appending("releases").appending("\(version).json")
    }

    private func tagPath(_ name: EnvironmentName, _ tag: String) -> FilePath {
        base(name).appending("tags").appending("\(tag).json")
    }

    private func release(_ record: Record) async throws -> Release {
        do {
            return Release(
                name: record.name, version: record.version, digest: record.digest,
                index: try await store.document(ImageIndex.self, record.digest), referrers: record.referrers,
                publishedAt: record.publishedAt)
        } catch let error as RucheError {
            throw RucheError(
                .corruptContent, "\(record.name):\(record.version) can't be read: \(error.message)",
                details: error.details, cause: error)
        }
    }

    /// Nil when there is none. A file that can't be parsed gets another name, and `corrupt_content` says which.
    private func read<Value: Decodable>(_ type: Value.Type, _ path: FilePath) throws -> Value? {
        do {
            let bytes = try AtomicFile.read(path, limit: CanonicalJSON.limit)
            let value = try CanonicalJSON.decode(type, bytes, "\"\(path)\"")
            try check(value, path)
            return value
        } catch Errno.noSuchFileOrDirectory {
            return nil
        } catch let error as RucheError {
            let aside = FilePath(path.string + Self.quarantineSuffix)
            try AtomicFile.rename(path, to: aside)
            throw RucheError(
                .corruptContent, "\(error.message); it is set aside as \"\(aside)\"", details: ["path": aside.string],
                cause: error)
        } catch let error as Errno {
            throw RucheError.storage(error, "read", path)
        }
    }

    /// A record must say the name it is filed under, or a copied file would be two releases in one.
    private func check(_ value: Any, _ path: FilePath) throws {
        guard let record = value as? Record, self.path(record.name, record.version) != path else { return }
        throw RucheError(.invalidInput, "\"\(path)\" says it is \(record.name):\(record.version)")
    }

    private func write(_ value: some Encodable, _ path: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent())
        try AtomicFile.write(try CanonicalJSON.encode(value), to: path)
    }

    private func remove(_ path: FilePath) throws {
        guard unlink(path.string) == 0 else {
            if errno == ENOENT { return }
            throw Errno(rawValue: errno)
        }
        try AtomicFile.syncFolder(path.removingLastComponent())
    }

    private func tagRecords(_ name: EnvironmentName) throws -> [String: ReleaseVersion] {
        var result: [String: ReleaseVersion] = [:]
        for file in try names(base(name).appending("tags")) where file.hasSuffix(".json") {
            let tag = String(file.dropLast(5))
            guard ReleaseReference.isTag(tag) else { continue }
            if let record = try read(TagRecord.self, tagPath(name, tag)) { result[tag] = record.version }
        }
        return result
    }

    private func versions(_ name: EnvironmentName) throws -> [ReleaseVersion] {
        try names(base(name).appending("releases")).filter { $0.hasSuffix(".json") }
            .compactMap { ReleaseVersion($0.dropLast(5)) }
    }

    private func releaseFiles() throws -> [FilePath] {
        var result: [FilePath] = []
        for owner in try names(folder) where !owner.hasPrefix(".") {
            for name in try names(folder.appending(owner)) {
                let releases = folder.appending(owner).appending(name).appending("releases")
                result += try names(releases).map { releases.appending($0) }
            }
        }
        return result
    }

    private func names(_ folder: FilePath) throws -> [String] {
        do { return try FileTree.names(in: folder) } catch Errno.noSuchFileOrDirectory { return [] } catch Errno
            .notDirectory
        { return [] } catch let error as Errno { throw RucheError.storage(error, "list", folder) }
    }

    private static func immutable(_ old: Digest, _ release: Release) -> RucheError {
        RucheError(
            .immutable,
            "\(release.name):\(release.version) is published with the digest \(old) and can't become \(release.digest): give the new content a new version",
            details: ["existing": old.description, "new": release.digest.description])
    }

    private static func notFound(_ name: EnvironmentName, _ selector: String?) -> RucheError {
        RucheError(.notFound, "\(name)\(selector.map { ":\($0)" } ?? "") is not in the catalogue")
    }
}
