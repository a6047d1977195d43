import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// Small JSON documents of the build cache, each in a file of its own.
///
/// A document that is missing or can't be read is a miss: the cache may be removed at any time.
struct RecordFolder<Record: Codable>: Sendable {
    let folder: FilePath

    func read(_ name: String) -> Record? {
        // A record of another version or a torn disk is as good as none.
        guard let bytes = try? AtomicFile.read(folder.appending(name + ".json")) else { return nil }
        return try? CanonicalJSON.decode(Record.self, bytes, name)
    }

    /// With `durable` false a loss of power may lose the record, which saves a wait for the disk.
    func write(_ record: Record, as name: String, durable: Bool = true) throws {
        try FileTree.makeFolder(folder)
        try AtomicFile.write(
            try CanonicalJSON.encode(record), to: folder.appending(name + ".json"), durable: durable)
    }
}
