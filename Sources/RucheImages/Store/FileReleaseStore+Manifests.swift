package import RucheCore
import RucheHost
import SystemPackage

/// Manifests that were pushed: `OWNER/NAME/manifests/HEX.json`, and once more as
/// `OWNER/NAME/subjects/SUBJECT/HEX.json` where it has a subject, so that referrers are found without reading all.
extension FileReleaseStore: PushedManifestStore {
    private struct ManifestRecord: Codable {
        var schema = 1
        var manifest: PushedManifest
    }

    private func manifestPath(_ name: EnvironmentName, _ digest: Digest) -> FilePath {
        base(name).appending("manifests").appending("\(digest.hex).json")
    }

    private func subjectFolder(_ name: EnvironmentName, _ subject: Digest) -> FilePath {
        base(name).appending("subjects").appending(subject.hex)
    }

    package func pushedManifest(_ digest: Digest, of name: EnvironmentName) async throws -> PushedManifest? {
        try read(ManifestRecord.self, manifestPath(name, digest))?.manifest
    }

    package func pushedManifests(of name: EnvironmentName) async throws -> [PushedManifest] {
        try manifests(in: base(name).appending("manifests"))
    }

    package func pushedReferrers(of subject: Digest, in name: EnvironmentName) async throws -> [PushedManifest] {
        try manifests(in: subjectFolder(name, subject))
    }

    package func add(_ manifest: PushedManifest, to name: EnvironmentName, tag: String?) async throws {
        try await locked {
            let digest = manifest.descriptor.digest
            // Signatures of a copy come with it; a tag would be the work of somebody here.
            if tag != nil { try refuseChange(of: name, from: nil) }
            // The subject's entry last: what is listed can be read.
            try write(ManifestRecord(manifest: manifest), manifestPath(name, digest))
            if let subject = manifest.subject {
                try write(
                    ManifestRecord(manifest: manifest),
                    subjectFolder(name, subject).appending("\(digest.hex).json"))
            }
            if let tag {
                let version = try versions(name).first {
                    guard let record = try read(Record.self, path(name, $0)) else { return false }
                    return record.digest == digest || record.pushed?.digest == digest
                }
                try write(
                    version == nil ? TagRecord(manifest: digest) : TagRecord(version: version), tagPath(name, tag))
            }
        }
    }

    package func removePushedManifest(_ digest: Digest, of name: EnvironmentName) async throws {
        try await locked {
            guard let manifest = try read(ManifestRecord.self, manifestPath(name, digest))?.manifest else { return }
            for (tag, target) in try manifestTagRecords(name) where target == digest {
                try remove(tagPath(name, tag))
            }
            if let subject = manifest.subject {
                try remove(subjectFolder(name, subject).appending("\(digest.hex).json"))
            }
            try remove(manifestPath(name, digest))
            removeEmptyFolders(of: name)
        }
    }

    package func manifestTags(_ name: EnvironmentName) async throws -> [String: Digest] {
        try manifestTagRecords(name)
    }

    package func removeManifestTag(_ tag: String, of name: EnvironmentName) async throws {
        guard ReleaseReference.isTag(tag) else { return }
        try await locked {
            try remove(tagPath(name, tag))
            removeEmptyFolders(of: name)
        }
    }

    private func manifestTagRecords(_ name: EnvironmentName) throws -> [String: Digest] {
        try names(base(name).appending("tags")).filter { $0.hasSuffix(".json") }.reduce(into: [:]) { tags, file in
            let tag = String(file.dropLast(5))
            guard ReleaseReference.isTag(tag) else { return }
            tags[tag] = try read(TagRecord.self, tagPath(name, tag))?.manifest
        }
    }

    private func manifests(in folder: FilePath) throws -> [PushedManifest] {
        try names(folder).filter { $0.hasSuffix(".json") }.sorted()
            .compactMap { try read(ManifestRecord.self, folder.appending($0))?.manifest }
    }
}
