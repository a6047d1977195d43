package import RucheCore

/// OCI content descriptor (image specification 1.1, descriptor.md).
package struct Descriptor: Hashable, Sendable, Codable {
    package var mediaType: String
    package var digest: Digest
    package var size: Int64
    package var artifactType: String?
    package var platform: Platform?
    package var annotations: [String: String]?

    package init(
        mediaType: String, digest: Digest, size: Int64, artifactType: String? = nil, platform: Platform? = nil,
        annotations: [String: String]? = nil
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.artifactType = artifactType
        self.platform = platform
        self.annotations = annotations
    }

    package struct Platform: Hashable, Sendable, Codable {
        package var architecture: String
        package var os: String
        package var variant: String?
        package init(architecture: String, os: String = "linux", variant: String? = nil) {
            self.architecture = architecture
            self.os = os
            self.variant = variant
        }
    }
}

/// Media types and artifact types in use.
package enum MediaType {
    package static let imageIndex = "application/vnd.oci.image.index.v1+json"
    package static let imageManifest = "application/vnd.oci.image.manifest.v1+json"
    package static let imageConfig = "application/vnd.oci.image.config.v1+json"
    package static let layerTar = "application/vnd.oci.image.layer.v1.tar"
    package static let layerTarGzip = "application/vnd.oci.image.layer.v1.tar+gzip"
    package static let layerTarZstd = "application/vnd.oci.image.layer.v1.tar+zstd"
    package static let emptyJSON = "application/vnd.oci.empty.v1+json"
    package static let recipe = "application/vnd.ruche.recipe.v1.tar"
    package static let lock = "application/vnd.ruche.lock.v1+json"
    package static let buildLog = "application/vnd.ruche.build-log.v1+text"
    package static let provenance = "application/vnd.ruche.provenance.v1+json"
    package static let sbom = "application/spdx+json"
    /// What a pipeline's package brings for people.
    package static let documents = "application/vnd.ruche.documents.v1"
    package static let lxd = "application/vnd.ruche.lxd.v1"
    package static let lxdMetadata = "application/vnd.ruche.lxd.metadata.v1.tar+xz"
    /// A Vagrant box; its layer is the box file as it was uploaded, or nothing when the box is kept elsewhere.
    package static let box = "application/vnd.ruche.vagrant.box.v1"
    package static let squashfs = "application/vnd.ruche.rootfs.v1.squashfs"
    /// A disk image of a virtual machine; its layer is the file.
    package static let disk = "application/vnd.ruche.disk.v1"
    package static let diskFile = "application/vnd.ruche.disk.file.v1"
    /// An appliance (OVF 1.0) in one file.
    package static let ova = "application/vnd.ruche.ova.v1"
    package static let ovaFile = "application/vnd.ruche.ova.file.v1.tar"
    /// An LXD virtual machine: `lxdMetadata` and a qcow2 disk.
    package static let lxdMachine = "application/vnd.ruche.lxd-vm.v1"
}
