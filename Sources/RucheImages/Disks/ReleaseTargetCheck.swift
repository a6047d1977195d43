package import RucheCore
package import RucheHost
package import SystemPackage

/// Whether the machine of a release will run where it is to run, and what is left in it that should not be. The disk is
/// looked into as one that a stranger made, whoever made it.
package struct ReleaseTargetCheck: Sendable {
    package struct Result: Hashable, Sendable {
        package var problems: [Problem] = []
        /// What could not be looked at, and what to know besides.
        package var notes: [String] = []
        /// The form that was looked at.
        package var variant: String?
        /// The system on its disk, by its own name.
        package var system: String?

        package init() {}
    }

    private let store: any ContentStore
    private let runner: any CommandRunning

    package init(store: any ContentStore, runner: any CommandRunning) {
        self.store = store
        self.runner = runner
    }

    /// Works in `folder`, which is empty. `flavour` is the disk that the target gives a machine.
    package func check(
        _ release: Release, target: MachineTarget, flavour: ByteCount?, architecture: String, in folder: FilePath,
        _ progress: @escaping @Sendable (Double) -> Void
    ) async throws -> Result {
        var result = Result()
        let forms = try await MachineForm.all(of: release, architecture: architecture, in: store)
        let wanted = target.variants
        guard let form = wanted.lazy.compactMap({ variant in forms.first { $0.variant == variant } }).first else {
            let have = forms.map(\.variant.rawValue).joined(separator: ", ")
            result.problems.append(
                Problem(
                    path: "variants", message: "has nothing that \(target.rawValue) takes",
                    found: have.isEmpty ? "no machine for \(architecture)" : have,
                    allowed: "one of " + wanted.map(\.rawValue).joined(separator: ", ")))
            return result
        }
        result.variant = form.variant.rawValue
        try Tool.require(.qemuImage)
        let file = folder.appending("file")
        let importer = DiskImporter(store: store, runner: runner)
        try await importer.copy(form.blob, to: file)
        let opened = folder.appending("disk")
        try FileTree.makeFolder(opened, permissions: 0o700)
        let (raw, capacity) = try await importer.open(file, form.kind, in: opened, progress)
        if let flavour, capacity > flavour.bytes {
            result.problems.append(
                Problem(
                    path: "disk", message: "is larger than the disk of the flavour", found: "\(ByteCount(capacity))",
                    allowed: "at most \(flavour)"))
        }
        try look(at: raw, form, target, &result)
        if target == .lxd { try await lookAtMetadata(form, folder, &result) }
        return result
    }

    private func look(at raw: FilePath, _ form: MachineForm, _ target: MachineTarget, _ result: inout Result) throws {
        let inspection = try GuestInspection(of: raw)
        result.system = inspection.system
        result.notes += inspection.notes
        let file = try FileDescriptor.open(raw, .readOnly, options: [.closeOnExec, .noFollow])
        let table = try file.closeAfter { try PartitionTable(file, length: try file.seek(offset: 0, from: .end)) }
        if target == .lxd, !table.partitions.contains(where: \.isSystem) {
            result.problems.append(
                Problem(
                    path: "disk", message: "has no EFI system partition, and LXD starts machines with UEFI alone",
                    allowed: "a partition of type C12A7328-F81F-11D2-BA4B-00A0C93EC93B with EFI/BOOT/BOOTX64.EFI"))
        }
        let systems = table.partitions.compactMap { GuestFileSystem(raw, offset: $0.start, size: $0.size) }
        guard let root = systems.first(where: { GuestInspection.release(of: $0) != nil }) else { return }
        result.problems += GuestLeftovers(root: root, target: target, isBox: form.isBox).problems
    }

    /// LXD's "Image format": both keys have to be there.
    private func lookAtMetadata(_ form: MachineForm, _ folder: FilePath, _ result: inout Result) async throws {
        result.notes.append(
            "LXD starts machines with Secure Boot, which a loader without Microsoft's signature fails: launch it with -c security.secureboot=false"
        )
        guard let metadata = form.metadata else { return }
        let text = try await store.withFile(metadata) { file in
            let reader = try ArchiveReader(file)
            while let entry = try reader.next() {
                guard ["metadata.yaml", "./metadata.yaml"].contains(String(decoding: entry.path, as: UTF8.self)) else {
                    continue
                }
                return String(decoding: try reader.content(limit: 1 << 20), as: UTF8.self)
            }
            return ""
        }
        for key in ["architecture", "creation_date"]
        where !text.split(separator: "\n").contains(where: {
            $0.hasPrefix("\(key):") || $0.hasPrefix("{\"") && $0.contains("\"\(key)\":")
        }) {
            result.problems.append(
                Problem(
                    path: "metadata.yaml", message: "has no \(key), without which LXD refuses the image", allowed: key))
        }
    }
}
