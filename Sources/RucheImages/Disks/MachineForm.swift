package import RucheCore

/// A form of a release that is a machine: where its disk is.
struct MachineForm: Hashable, Sendable {
    var variant: VariantFormat
    /// The disk, or the archive that it is in.
    var blob: Digest
    var kind: DiskImporter.Kind
    /// LXD's description of it.
    var metadata: Digest?
    var isBox: Bool { variant == .vagrantLibvirt || variant == .vagrantVirtualBox }

    /// In the order of the release.
    static func all(
        of release: Release, architecture: String, in store: any ContentStore
    ) async throws -> [MachineForm] {
        var forms: [MachineForm] = []
        for descriptor in release.index.manifests where descriptor.artifactType != nil {
            let manifest = try await store.document(Manifest.self, descriptor.digest)
            guard let form = MachineForm(descriptor, manifest, architecture) else { continue }
            forms.append(form)
        }
        return forms
    }

    private init?(_ descriptor: Descriptor, _ manifest: Manifest, _ wanted: String) {
        if let box = BoxVariant(descriptor, manifest: manifest) {
            guard let variant = VariantFormat(rawValue: "vagrant/\(box.provider)"), let blob = box.blob,
                [wanted, "unknown"].contains(box.architecture)
            else { return nil }
            (self.variant, self.blob, kind) = (variant, blob, .box)
            return
        }
        guard descriptor.platform.map({ $0.architecture == wanted }) ?? true else { return nil }
        if let disk = DiskVariant(descriptor, manifest: manifest) {
            guard let variant = VariantFormat(rawValue: disk.format.rawValue) else { return nil }
            (self.variant, blob, kind) = (variant, disk.blob, .image(disk.format))
            return
        }
        switch descriptor.artifactType {
        case MediaType.ova:
            guard let file = manifest.layers.first else { return nil }
            (variant, blob, kind) = (.ova, file.digest, .appliance)
        case MediaType.lxdMachine:
            guard let file = manifest.layers.first(where: { $0.mediaType == MediaType.diskFile }) else { return nil }
            (variant, blob, kind) = (.lxdMachine, file.digest, .image(.qcow2))
            metadata = manifest.layers.first { $0.mediaType == MediaType.lxdMetadata }?.digest
        default: return nil
        }
    }
}

extension Release {
    /// Disks, as qcow2, of the forms for LXD and Incus.
    package func lxdMachines(architecture: String, in store: any ContentStore) async throws -> [Digest] {
        try await MachineForm.all(of: self, architecture: architecture, in: store).filter { $0.variant == .lxdMachine }
            .map(\.blob)
    }

    /// Vagrant boxes with a disk that is read, libvirt's first: their disks are QEMU's own.
    package func boxes(architecture: String, in store: any ContentStore) async throws -> [Digest] {
        let boxes = try await MachineForm.all(of: self, architecture: architecture, in: store).filter(\.isBox)
        return [.vagrantLibvirt, .vagrantVirtualBox].flatMap { variant in
            boxes.filter { $0.variant == variant }.map(\.blob)
        }
    }
}
