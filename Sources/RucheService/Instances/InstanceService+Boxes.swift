import RucheCore
import RucheImages
import RucheStore

extension InstanceService {
    /// Gives an instance whose disk is in a Vagrant box that disk, as a blob of the content store: another instance of
    /// the same box has it already. It is collected like any other blob once no instance needs it.
    func openBox(_ id: Identifier) async throws {
        guard let box = try instance(id).box else { return }
        // The disk stays until the row says so.
        let lease = try configuration.lease()
        defer { lease.end() }
        let disk = try await disk(of: box, except: id)
        let taken =
            if let disk { disk } else {
                try await DiskImporter(store: configuration.content, runner: configuration.runner)
                    .importBox(box, architecture: configuration.architecture, in: folder(id).root).blob
            }
        records[id]?.image = .disk(taken, .qcow2)
        let row = try instance(id).row()
        try await write([]) { try InstanceRepository($0).update(row) }
    }

    /// That of another instance, where it is in the store.
    private func disk(of box: Digest, except id: Identifier) async throws -> Digest? {
        for other in records.values where other.box == box && other.id != id {
            guard case .disk(let disk, _) = other.image, disk != box else { continue }  // it is being taken out
            if try await configuration.content.size(of: disk) != nil { return disk }
        }
        return nil
    }
}
