package import RucheCore
import RucheHost
import SystemPackage

/// What people say of environments, and versions that are not released yet: `OWNER/NAME/environment.json` and
/// `OWNER/NAME/drafts/VERSION.json`.
extension FileReleaseStore: EnvironmentStore {
    private struct ProfileRecord: Codable {
        var schema = 1
        var environment: EnvironmentRecord
    }

    private struct DraftRecord: Codable {
        var schema = 1
        var draft: ReleaseDraft
    }

    private func profilePath(_ name: EnvironmentName) -> FilePath { base(name).appending("environment.json") }

    private func draftPath(_ name: EnvironmentName, _ version: ReleaseVersion) -> FilePath {
        base(name).appending("drafts").appending("\(version).json")
    }

    package func environment(_ name: EnvironmentName) async throws -> EnvironmentRecord? {
        try read(ProfileRecord.self, profilePath(name))?.environment
    }

    /// Throws `release_immutable` for a copy of another site's environment, unless it is this site that changes it.
    func refuseChange(of name: EnvironmentName, from origin: String?) throws {
        guard let site = try read(ProfileRecord.self, profilePath(name))?.environment.mirrorOf, site != origin else {
            return
        }
        throw RucheError(
            .immutable,
            "\(name) is a copy of what \(site) has, and read-only here: publish it there, or under another name")
    }

    package func environments() async throws -> [EnvironmentName] {
        try names(folder).filter { !$0.hasPrefix(".") }.flatMap { owner in
            try names(folder.appending(owner)).compactMap { EnvironmentName("\(owner)/\($0)") }
        }.sorted()
    }

    @discardableResult
    package func changeEnvironment(
        _ name: EnvironmentName, _ change: @Sendable (EnvironmentRecord?) throws -> EnvironmentRecord
    ) async throws -> EnvironmentRecord {
        try await locked {
            let record = try change(try read(ProfileRecord.self, profilePath(name))?.environment)
            try write(ProfileRecord(environment: record), profilePath(name))
            return record
        }
    }

    package func removeEnvironment(_ name: EnvironmentName) async throws {
        let buried = try await tombstones().tombstones.filter { $0.name == name }
        try await locked {
            guard try versions(name).isEmpty else {
                throw RucheError(
                    .conflict, "\(name) has releases: remove them first, or revoke them to keep their records")
            }
            // Once the record is gone, nothing says any more that they are private.
            if try read(ProfileRecord.self, profilePath(name))?.environment.profile.visibility == .private {
                for tombstone in buried { try remove(path(ofTombstone: tombstone.stem)) }
            }
            for part in ["tags", "drafts", "subjects", "manifests"] { try FileTree.remove(base(name).appending(part)) }
            try remove(profilePath(name))
            removeEmptyFolders(of: name)
        }
    }

    package func draft(_ name: EnvironmentName, _ version: ReleaseVersion) async throws -> ReleaseDraft? {
        try read(DraftRecord.self, draftPath(name, version))?.draft
    }

    package func drafts(_ name: EnvironmentName) async throws -> [ReleaseDraft] {
        try names(base(name).appending("drafts")).filter { $0.hasSuffix(".json") }
            .compactMap { ReleaseVersion($0.dropLast(5)) }.sorted()
            .compactMap { try read(DraftRecord.self, draftPath(name, $0))?.draft }
    }

    @discardableResult
    package func changeDraft(
        _ name: EnvironmentName, _ version: ReleaseVersion,
        _ change: @Sendable (ReleaseDraft?) throws -> ReleaseDraft?
    ) async throws -> ReleaseDraft? {
        try await locked {
            let old = try read(DraftRecord.self, draftPath(name, version))?.draft
            if old == nil, FileTree.exists(path(name, version)) {
                throw RucheError(
                    .immutable, "\(name):\(version) is released and never changes: give the new content a new version")
            }
            if old == nil { try refuseChange(of: name, from: nil) }
            guard let draft = try change(old) else {
                if old != nil { try remove(draftPath(name, version)) }
                return nil
            }
            try write(DraftRecord(draft: draft), draftPath(name, version))
            return draft
        }
    }
}
