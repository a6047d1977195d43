import RucheCore
import RucheHost
import SystemPackage

/// Gives images as archives to a program that keeps its own, each digest once.
actor ExternalImages {
    private let folder: FilePath
    private var preparing: [String: Task<Void, any Error>] = [:]

    init(folder: FilePath) { self.folder = folder }

    func prepare(_ image: any ContainerImage, _ connection: ExternalConnection, _ timeout: Duration) async throws {
        let digest = image.digest.description
        if let task = preparing[digest] { return try await task.value }
        // A task of its own: several containers may wait for the image, one of them may be cancelled.
        let task = Task { try await give(image, connection, timeout) }
        preparing[digest] = task
        defer { preparing[digest] = nil }
        try await task.value
    }

    private func give(_ image: any ContainerImage, _ connection: ExternalConnection, _ timeout: Duration) async throws {
        var message = ExternalMessages.Image(digest: image.digest.description)
        let answer: ExternalMessages.Presence = try await connection.call("has_image", message, timeout: timeout)
        if answer.present { return }
        try FileTree.makeFolder(folder, permissions: 0o700)
        try await TemporaryDirectory.with(in: folder, prefix: "image") { scratch in
            let archive = scratch.appending("root.tar")
            try await image.writeRootArchive(to: archive)
            message.archive = archive.string
            let _: ExternalMessages.Nothing = try await connection.call(
                "prepare_image", message, timeout: timeout * 10)
        }
    }
}
