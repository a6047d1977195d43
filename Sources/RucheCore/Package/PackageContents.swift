/// What a package's archive holds, as far as a manifest speaks of it: paths below the package's own folder.
package struct PackageContents: Hashable, Sendable {
    /// Regular files, and for an LXD image also those of its root (`rootfs/…`).
    package var files: Set<String>

    package init(files: Set<String>) { self.files = files }

    /// The names that an LXD image beside a manifest may have; upstream knows the first only.
    package static let imageNames = ["lxc_image.tar.gz", "lxc_image.tar.xz", "lxc_image.tar"]
    package static let manifestName = "manifest.json"
    package static let formName = "form.json"
    package static let dockerfileName = "Dockerfile"

    package var image: String? { Self.imageNames.first { files.contains($0) } }
    package var hasDockerfile: Bool { files.contains(Self.dockerfileName) }
}
