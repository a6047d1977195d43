import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension LXDEngine {
    /// The daemon's fingerprint of an image, which is taken to it once per digest.
    func fingerprint(_ image: any ContainerImage) async throws -> String {
        if let running = imports[image.digest] { return try await running.value }
        let task = Task { try await findOrImport(image) }
        imports[image.digest] = task
        defer { imports[image.digest] = nil }
        return try await task.value
    }

    private func findOrImport(_ image: any ContainerImage) async throws -> String {
        try marks.markUsed(image.digest)
        if let found = try await images(image.digest.hex).first { return found.fingerprint }
        try await TemporaryDirectory.with(in: folder, prefix: "import") { folder in
            let metadata = folder.appending("metadata.tar")
            let root = folder.appending("root.tar")
            let document = LXDAPI.ImageMetadata(
                architecture: Self.architecture(), creation_date: 1,
                properties: ["description": "ruche \(image.digest.hex.prefix(12))", LXDKey.digest: image.digest.hex])
            let archive = try ArchiveWriter(metadata)
            try archive.add(
                ArchiveEntry(path: Array("metadata.yaml".utf8), kind: .regular, permissions: 0o644),
                content: Array(JSONEncoder().encode(document)))
            try archive.close()
            try await image.writeRootArchive(to: root)
            do { try await client.importImage(metadata: metadata, root: root) } catch {
                // Another process may have been faster: the same files are the same image.
                guard try await images(image.digest.hex).isEmpty else { return }
                throw error
            }
        }
        guard let found = try await images(image.digest.hex).first else {
            throw RucheError(.engineUnavailable, "the engine \"\(name)\" took the image and does not have it")
        }
        return found.fingerprint
    }

    private func images(_ digest: String) async throws -> [LXDAPI.Image] {
        try await client.images().filter { $0.properties?[LXDKey.digest] == digest }
    }

    /// The kernel's name of this machine's, which LXD uses too.
    private static func architecture() -> String {
        var names = utsname()
        uname(&names)
        return withUnsafeBytes(of: &names.machine) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    private nonisolated var marks: ImageMarks { ImageMarks(engine: folder, settings: settings) }

    /// Removes images that no container was made of for `keep_images` days. Looks once an hour.
    func sweep() async {
        guard nextSweep <= .now else { return }
        nextSweep = .now + .seconds(3600)
        for digest in marks.unused() {
            do {
                for image in try await images(digest) { try await client.removeImage(image.fingerprint) }
                try marks.forget(digest)
            } catch {
                return  // looked at again in an hour
            }
        }
    }
}
