import RucheCore
import RucheHost
import SystemPackage

extension DockerEngine {
    /// The daemon's own name of an image, which is taken to it once per digest.
    func imageID(_ image: any ContainerImage) async throws -> String {
        if let running = imports[image.digest] { return try await running.value }
        let task = Task { try await findOrImport(image) }
        imports[image.digest] = task
        defer { imports[image.digest] = nil }
        return try await task.value
    }

    private func findOrImport(_ image: any ContainerImage) async throws -> String {
        let label = "\(DockerLabel.digest)=\(image.digest)"
        try marks.markUsed(image.digest)
        if let found = try await client.images(label: label).first { return found.Id }
        try await TemporaryDirectory.with(in: folder, prefix: "import") { folder in
            let archive = folder.appending("root.tar")
            try await image.writeRootArchive(to: archive)
            try await client.importImage(archive, label: (DockerLabel.digest, "\(image.digest)"))
        }
        guard let found = try await client.images(label: label).first else {
            throw RucheError(.engineUnavailable, "the engine \"\(name)\" took the image and does not have it")
        }
        return found.Id
    }

    // MARK: - Removal of what nobody uses

    private nonisolated var marks: ImageMarks { ImageMarks(engine: folder, settings: settings) }

    /// Removes images that no container was made of for `keep_images` days. Looks once an hour.
    func sweep() async {
        guard nextSweep <= .now else { return }
        nextSweep = .now + .seconds(3600)
        for digest in marks.unused() {
            do {
                // One that a container is made of is refused, and looked at again in an hour.
                for image in try await client.images(label: "\(DockerLabel.digest)=sha256:\(digest)") {
                    try await client.removeImage(image.Id)
                }
                try marks.forget(digest)
            } catch {
                return  // looked at again in an hour
            }
        }
    }
}
