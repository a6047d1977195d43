import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

extension LXDEngine {
    /// The daemon's fingerprint of an image, which is taken to it once per digest.
    func fingerprint(_ image: any ContainerImage) async throws -> String {
        try await fingerprint(image.digest, as: "rootfs") { folder in
            let root = folder.appending("root.tar")
            try await image.writeRootArchive(to: root)
            return root
        }
    }

    /// `root` gives the file that is taken, which it may write into the folder; `part` is what LXD calls such a file.
    func fingerprint(
        _ digest: Digest, as part: String, _ root: @escaping @Sendable (FilePath) async throws -> FilePath
    ) async throws -> String {
        if let running = imports[digest] { return try await running.value }
        let task = Task { try await findOrImport(digest, part, root) }
        imports[digest] = task
        defer { imports[digest] = nil }
        return try await task.value
    }

    private func findOrImport(
        _ digest: Digest, _ part: String, _ root: @Sendable (FilePath) async throws -> FilePath
    ) async throws -> String {
        try marks.markUsed(digest)
        if let found = try await images(digest.hex).first { return found.fingerprint }
        try await TemporaryDirectory.with(in: folder, prefix: "import") { folder in
            let metadata = folder.appending("metadata.tar")
            let document = LXDAPI.ImageMetadata(
                architecture: Self.architecture(), creation_date: 1,
                properties: ["description": "ruche \(digest.hex.prefix(12))", LXDKey.digest: digest.hex])
            let archive = try ArchiveWriter(metadata)
            try archive.add(
                ArchiveEntry(path: Array("metadata.yaml".utf8), kind: .regular, permissions: 0o644),
                content: Array(JSONEncoder().encode(document)))
            try archive.close()
            let file = try await root(folder)
            do { try await client.importImage(metadata: metadata, root: file, as: part) } catch {
                // Another process may have been faster: the same files are the same image.
                guard try await images(digest.hex).isEmpty else { return }
                throw error
            }
        }
        guard let found = try await images(digest.hex).first else {
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
