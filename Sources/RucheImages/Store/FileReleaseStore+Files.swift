import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The files of the store: what each says, where it is, how it is read and written.
extension FileReleaseStore {
    /// What a release's file says; everything else is in the content store.
    struct Record: Codable, Equatable {
        var schema = 1
        var name: EnvironmentName
        var version: ReleaseVersion
        var digest: Digest
        var referrers: [Descriptor]
        var publishedAt: Int64
        var pushed: Descriptor?
        var revocation: Revocation?
    }

    /// What a tag's file says: a version, or a manifest that was pushed and is of no version.
    struct TagRecord: Codable {
        var schema = 1
        var version: ReleaseVersion?
        var manifest: Digest?
    }

    static let quarantineSuffix = ".quarantined"

    func base(_ name: EnvironmentName) -> FilePath { folder.appending(name.owner).appending(name.name) }

    func path(_ name: EnvironmentName, _ version: ReleaseVersion) -> FilePath {
        base(name).appending("releases").appending("\(version).json")
    }

    func tagPath(_ name: EnvironmentName, _ tag: String) -> FilePath {
        base(name).appending("tags").appending("\(tag).json")
    }

    func release(_ record: Record) async throws -> Release {
        do {
            return Release(
                name: record.name, version: record.version, digest: record.digest,
                index: try await store.document(ImageIndex.self, record.digest), referrers: record.referrers,
                publishedAt: record.publishedAt, pushed: record.pushed, revocation: record.revocation)
        } catch let error as RucheError {
            throw RucheError(
                .corruptContent, "\(record.name):\(record.version) can't be read: \(error.message)",
                details: error.details, cause: error)
        }
    }

    /// Nil when there is none. A file that can't be parsed gets another name, and `corrupt_content` says which.
    func read<Value: Decodable>(_ type: Value.Type, _ path: FilePath) throws -> Value? {
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
    func check(_ value: Any, _ path: FilePath) throws {
        guard let record = value as? Record, self.path(record.name, record.version) != path else { return }
        throw RucheError(.invalidInput, "\"\(path)\" says it is \(record.name):\(record.version)")
    }

    func write(_ value: some Encodable, _ path: FilePath) throws {
        try FileTree.makeFolder(path.removingLastComponent())
        try AtomicFile.write(try CanonicalJSON.encode(value), to: path)
    }

    func remove(_ path: FilePath) throws {
        guard unlink(path.string) == 0 else {
            if errno == ENOENT { return }
            throw Errno(rawValue: errno)
        }
        try AtomicFile.syncFolder(path.removingLastComponent())
    }

    /// Folders that are empty now; those that are not stay.
    func removeEmptyFolders(of name: EnvironmentName) {
        for part in ["releases", "tags", "drafts", "manifests", "subjects"] {
            rmdir(base(name).appending(part).string)
        }
        rmdir(base(name).string)
        rmdir(folder.appending(name.owner).string)
    }

    func tagRecords(_ name: EnvironmentName) throws -> [String: ReleaseVersion] {
        var result: [String: ReleaseVersion] = [:]
        for file in try names(base(name).appending("tags")) where file.hasSuffix(".json") {
            let tag = String(file.dropLast(5))
            guard ReleaseReference.isTag(tag) else { continue }
            if let version = try read(TagRecord.self, tagPath(name, tag))?.version { result[tag] = version }
        }
        return result
    }

    func versions(_ name: EnvironmentName) throws -> [ReleaseVersion] {
        try names(base(name).appending("releases")).filter { $0.hasSuffix(".json") }
            .compactMap { ReleaseVersion($0.dropLast(5)) }
    }

    func releaseFiles() throws -> [FilePath] {
        var result: [FilePath] = []
        for owner in try names(folder) where !owner.hasPrefix(".") {
            for name in try names(folder.appending(owner)) {
                let releases = folder.appending(owner).appending(name).appending("releases")
                result += try names(releases).map { releases.appending($0) }
            }
        }
        return result
    }

    func names(_ folder: FilePath) throws -> [String] {
        do { return try FileTree.names(in: folder) } catch Errno.noSuchFileOrDirectory { return [] } catch Errno
            .notDirectory
        { return [] } catch let error as Errno { throw RucheError.storage(error, "list", folder) }
    }
}
