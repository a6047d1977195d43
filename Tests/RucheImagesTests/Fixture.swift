import Foundation
import RucheCore
import RucheHost
import RucheImages
import SystemPackage
import Testing

/// A store, catalogue and layer cache in a folder of their own.
struct Fixture {
    let folder: FilePath
    let store: FileContentStore
    let releases: FileReleaseStore
    let cache: FileLayerCache

    static func with(_ body: (Fixture) async throws -> Void) async throws {
        try await TemporaryDirectory.with(in: FilePath(NSTemporaryDirectory()), prefix: "ruche-images") { folder in
            try await body(try Fixture(folder))
        }
    }

    init(_ folder: FilePath) throws {
        self.folder = folder
        store = try FileContentStore(folder: folder.appending("content"))
        releases = try FileReleaseStore(folder: folder.appending("content").appending("refs"), store: store)
        cache = try FileLayerCache(folder: folder.appending("cache").appending("layers"), store: store)
    }

    /// Runs a script in the fixture's folder and returns what it prints; a failure of any line is one of the test.
    @discardableResult
    func sh(_ script: String) async throws -> String {
        try await SystemCommandRunner().runChecked(
            Command("/bin/sh", ["-euc", script], workingDirectory: folder)
        ).output
    }

    @discardableResult
    func python(_ script: String) async throws -> String {
        try await SystemCommandRunner().runChecked(
            Command("/usr/bin/python3", ["-c", script], workingDirectory: folder)
        ).output
    }

    /// Makes a folder with `script` and stores it as a layer.
    func layer(_ name: String, _ script: String, clampTime: Int64 = 1_000_000_000) async throws -> StoredBlob {
        try await sh("mkdir \(name); cd \(name); \(script)")
        return try await LayerArchiver().write(folder: folder.appending(name), clampTime: clampTime, to: store)
    }

    /// Publishes an image of the layers.
    func publish(
        _ text: String, _ layers: [StoredBlob], variants: [Descriptor] = [], lock: String? = nil
    ) async throws -> Release {
        let reference = try ReleaseReference(parsing: text)
        let version = try #require(ReleaseVersion(reference.selector ?? ""))
        let assembler = ReleaseAssembler(store: store)
        let image = try await assembler.image(
            layers: layers.map { (Self.descriptor($0), $0.digest, "test") },
            config: ImageConfig(architecture: "amd64", rootfs: .init(diffIDs: [])))
        let (descriptor, index) = try await assembler.index(
            name: reference.name, version: version, manifests: [image] + variants)
        var referrers: [Descriptor] = []
        if let lock {
            referrers.append(
                try await assembler.artifact(
                    type: MediaType.lock, payload: [(Array(lock.utf8), MediaType.lock, "lock.json")],
                    subject: descriptor))
        }
        let release = Release(
            name: reference.name, version: version, digest: descriptor.digest, index: index, referrers: referrers,
            publishedAt: 1_700_000_000)
        try await releases.publish(release)
        return release
    }

    static func descriptor(_ blob: StoredBlob) -> Descriptor {
        Descriptor(mediaType: MediaType.layerTar, digest: blob.digest, size: blob.size.bytes)
    }

    func names(_ path: String) throws -> [String] { try FileTree.names(in: folder.pushing(FilePath(path))) }
}

/// The code of the error that `body` throws, nil when it throws none.
func errorCode(_ body: () async throws -> Void) async throws -> ErrorCode? {
    do { try await body() } catch let error as RucheError { return error.code }
    return nil
}
