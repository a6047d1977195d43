package import RucheCore
import RucheHost
import SystemPackage

/// What stays of removed releases: `.removed/STEM.json`, beside the folders of the owners.
extension FileReleaseStore: TombstoneStore {
    private struct TombstoneRecord: Codable {
        var schema = 1
        var tombstone: Tombstone
    }

    private var cemetery: FilePath { folder.appending(".removed") }

    func path(ofTombstone stem: String) -> FilePath { cemetery.appending("\(stem).json") }

    package func remove(
        _ name: EnvironmentName, _ version: ReleaseVersion, stem: String, leaving tombstone: Tombstone?
    ) async throws {
        try await locked {
            guard FileTree.exists(path(name, version)) else { throw Self.notFound(name, "\(version)") }
            // First: a removal that breaks off leaves the release, which then goes before what is told of it.
            if let tombstone {
                try write(TombstoneRecord(tombstone: tombstone), path(ofTombstone: stem))
            } else if FileTree.exists(path(ofTombstone: stem)) {
                try remove(path(ofTombstone: stem))
            }
            try removeLocked(name, version)
        }
    }

    package func unbury(_ stem: String) async throws {
        guard FileTree.exists(path(ofTombstone: stem)) else { return }
        try await locked { try remove(path(ofTombstone: stem)) }
    }

    package func unburyStanding(_ tombstones: [Tombstone]) async throws {
        guard !tombstones.isEmpty else { return }
        try await locked {
            for tombstone in tombstones where isStanding(tombstone) {
                try remove(path(ofTombstone: tombstone.stem))
            }
        }
    }

    package func tombstones() async throws -> (tombstones: [Tombstone], problems: [String]) {
        var found: [Tombstone] = []
        var problems: [String] = []
        for file in try names(cemetery) where file.hasSuffix(".json") {
            do {
                guard let record = try read(TombstoneRecord.self, cemetery.appending(file)) else { continue }
                found.append(record.tombstone)
            } catch let error as RucheError {
                problems.append(error.message)
            }
        }
        return (found, problems)
    }
}
