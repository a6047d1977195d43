import RucheCore
import RucheHost

/// Puts a disk of the store into the packages that hypervisors and Vagrant take.
package struct MachinePackage: Sendable {
    private let store: any ContentStore
    private let hardware: MachineHardware
    /// Seconds since 1970, of the files in a package.
    private let time: Int64

    package init(store: any ContentStore, hardware: MachineHardware, time: Int64) {
        self.store = store
        self.hardware = hardware
        self.time = time
    }

    /// An appliance in one file (OVF 1.0): description, manifest of checksums, disk. `disk` is a stream-optimised vmdk.
    package func appliance(_ disk: DiskVariant) async throws -> Descriptor {
        let (description, name) = ("\(hardware.name).ovf", "\(hardware.name)-disk1.vmdk")
        let text = Array(ApplianceDocument(hardware: hardware, disk: disk, diskName: name).text.utf8)
        // No other sums are in OVF 1 (DSP0243 1.1, section 5.1), and old readers refuse them.
        let sums = "SHA1(\(description))= \(sum(of: text))\nSHA1(\(name))= \(try await sum(of: disk.blob))\n"
        let blob = try await archive([
            (description, .bytes(text)), ("\(hardware.name).mf", .bytes(Array(sums.utf8))),
            (name, .blob(disk.blob, size: disk.size)),
        ])
        let file = Descriptor(
            mediaType: MediaType.ovaFile, digest: blob.digest, size: blob.size.bytes,
            annotations: [Annotation.title: "\(hardware.architecture).ova"])
        return try await artifact(MediaType.ova, [file])
    }

    private func sum(of bytes: [UInt8]) -> String {
        var hasher = ChecksumHasher(.sha1)
        hasher.update(bytes)
        return hasher.finish().hex
    }

    private func sum(of blob: Digest) async throws -> String {
        var hasher = ChecksumHasher(.sha1)
        for try await bytes in try await store.stream(blob, offset: 0, length: nil) {
            bytes.withUnsafeBytes { hasher.update($0) }
        }
        return hasher.finish().hex
    }

    /// A Vagrant box for libvirt. Its metadata is read by old and new versions of vagrant-libvirt. `disk` is a qcow2.
    package func libvirtBox(_ disk: DiskVariant) async throws -> Descriptor {
        let gibibytes = (disk.capacity + (1 << 30) - 1) >> 30
        let metadata = """
            {"provider": "libvirt", "format": "qcow2", "virtual_size": \(gibibytes), "architecture": "\(hardware.architecture)", \
            "disks": [{"path": "box.img", "format": "qcow2"}]}

            """
        let file = """
            Vagrant.configure("2") do |config|
              config.vm.provider :libvirt do |libvirt|
                libvirt.memory = \(hardware.memory.bytes >> 20)
                libvirt.cpus = \(hardware.cpus)
              end
            end

            """
        return try await box(
            "libvirt", [("metadata.json", metadata), ("Vagrantfile", file)], disk, as: "box.img")
    }

    /// A Vagrant box for VirtualBox. `disk` is a stream-optimised vmdk.
    package func virtualBoxBox(_ disk: DiskVariant) async throws -> Descriptor {
        let name = "box-disk001.vmdk"
        let file = """
            Vagrant.configure("2") do |config|
              config.vm.base_mac = "080027\(disk.blob.hex.prefix(6).uppercased())"
              config.vm.provider :virtualbox do |virtualbox|
                virtualbox.memory = \(hardware.memory.bytes >> 20)
                virtualbox.cpus = \(hardware.cpus)
              end
            end

            """
        return try await box(
            "virtualbox",
            [
                ("metadata.json", "{\"provider\": \"virtualbox\", \"architecture\": \"\(hardware.architecture)\"}\n"),
                ("Vagrantfile", file),
                ("box.ovf", ApplianceDocument(hardware: hardware, disk: disk, diskName: name).text),
            ], disk, as: name)
    }

    /// The two files of a virtual machine for LXD and Incus. `disk` is a qcow2.
    package func lxdMachine(_ disk: DiskVariant, metadata: Descriptor) async throws -> Descriptor {
        let file = Descriptor(
            mediaType: MediaType.diskFile, digest: disk.blob, size: disk.size,
            annotations: [Annotation.title: "disk.qcow2"])
        return try await artifact(MediaType.lxdMachine, [metadata, file])
    }

    private func box(
        _ provider: String, _ texts: [(name: String, text: String)], _ disk: DiskVariant, as name: String
    ) async throws -> Descriptor {
        let files = texts.map { ($0.name, FileArchive.Content.bytes(Array($0.text.utf8))) }
        let blob = try await archive(files + [(name, .blob(disk.blob, size: disk.size))])
        var variant = BoxVariant(
            provider: provider, architecture: hardware.architecture, isDefault: true, createdAt: time * 1000)
        (variant.blob, variant.size) = (blob.digest, blob.size.bytes)
        return try await variant.store(with: ReleaseAssembler(store: store))
    }

    private func archive(_ files: [(name: String, content: FileArchive.Content)]) async throws -> StoredBlob {
        try await FileArchive(files: files, time: time).write(to: store)
    }

    private func artifact(_ type: String, _ layers: [Descriptor]) async throws -> Descriptor {
        try await ReleaseAssembler(store: store).artifact(
            type: type, layers: layers, subject: nil,
            platform: Descriptor.Platform(architecture: hardware.architecture))
    }
}
