import RucheCore
package import RucheWire

/// What `bundle.json`, the first file of a bundle, says: the releases. `blobs/sha256/HEX` follow in order.
package struct BundleDocument: Codable, Hashable, Sendable {
    static let path = "bundle.json"
    static let blobFolder = "blobs/sha256/"
    static let limit = 64 << 20
    private static let kind = "ruche-bundle"

    var format = Self.kind
    var formatVersion = 1
    package var releases: [TransferDocument]

    init(releases: [TransferDocument]) { self.releases = releases }

    /// Every blob once, in the order of their digests.
    var blobs: [TransferDocument.Blob] {
        let all = releases.flatMap(\.blobs)
        return Dictionary(all.map { ($0.digest, $0) }) { first, _ in first }.values.sorted { $0.digest < $1.digest }
    }

    /// Throws `invalid_archive` for what is no bundle, or one of a later program.
    func check() throws {
        guard format == Self.kind else { throw RucheError(.invalidArchive, "this is no bundle of releases") }
        guard formatVersion == 1 else {
            throw RucheError(
                .unsupported, "the bundle has the format \(formatVersion), which only a later version of ruche reads")
        }
        var sizes: [Digest: Int64] = [:]
        for blob in releases.flatMap(\.blobs) {
            guard blob.size >= 0, sizes.updateValue(blob.size, forKey: blob.digest) ?? blob.size == blob.size else {
                throw RucheError(.invalidArchive, "the bundle says two sizes of \(blob.digest)")
            }
        }
    }
}
