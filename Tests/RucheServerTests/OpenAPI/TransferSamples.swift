import RucheCore
import RucheWire

/// The documents of transfers with every member set, by the name of the schema.
enum TransferSamples {
    static func all(
        name: EnvironmentName, version: ReleaseVersion, digest: Digest, environment: EnvironmentRequest
    ) -> [(String, any Encodable)] {
        var blob = TransferDocument.Blob(digest: digest, size: 1, mediaType: "m")
        blob.artifactType = "a"
        blob.platform = .init(architecture: "arm", os: "linux", variant: "v7")
        blob.annotations = ["a": "b"]
        var transfer = TransferDocument(
            name: name, version: version, digest: digest, publishedAt: 1, referrers: [blob], blobs: [blob])
        (transfer.attached, transfer.pushed, transfer.revokedReason) = ([blob], blob, "r")
        (transfer.environment, transfer.mirrorOf) = (environment, "https://x")
        return [
            ("TransferDocument", transfer), ("BlobListDocument", BlobListDocument(digests: [digest])),
            ("BlobStateDocument", BlobStateDocument(offset: 1, isComplete: true)),
        ]
    }
}
