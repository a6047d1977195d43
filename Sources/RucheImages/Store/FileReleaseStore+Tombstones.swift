import RucheCore
import RucheHost
import SystemPackage

/// What stays of removed releases: `.removed/STEM.json`, beside the folders of the owners.
extension FileReleaseStore: TombstoneStore {
    private struct TombstoneRecord: Codable {
        var schema = 1
        var tombstone: Tombstone
    }

    private var cemetery: FilePath { folder.appending(".removed") }

    private func path(ofTombstone stem: String) -> FilePath { cemetery.appending("\(stem).json") }

    package func bury(_ tombstone: Tombstone) async throws {
        try await locked {
            try write(TombstoneRecord(tombstone: tombstone), path(ofTombstone: tombstone.stem))
        }
    }

    package func unbury(_ stem: String) async throws {
        guard FileTree.exists(path(ofTombstone: stem)) else { return }
        try await locked { try remove(path(ofTombstone: stem)) }
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
