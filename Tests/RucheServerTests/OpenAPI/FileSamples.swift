import RucheCore
import RucheWire

/// The documents of files with every member set, by the name of the schema.
enum FileSamples {
    static func all(id: Identifier, digest: Digest) -> [(String, any Encodable)] {
        var file = FileDocument(
            id: id, owner: .local, name: "n", size: 1, digest: digest, type: "text/plain", createdAt: 1)
        (file.job, file.path, file.companions) = (id, "p", [id])
        var upload = UploadDocument(
            id: id, owner: .local, name: "n", type: "text/plain", offset: 1, state: "receiving", createdAt: 1,
            expiresAt: 2)
        (upload.length, upload.concat, upload.file, upload.digest) = (2, "partial", id, digest)
        return [
            ("FileDocument", file), ("FileEdit", FileEdit(name: "n", companions: [id])),
            ("UploadDocument", upload),
            (
                "UsageDocument",
                UsageDocument(owner: .local, files: 1, fileBytes: 2, uploads: 3, uploadBytes: 4, quota: 5)
            ),
            ("QuotaRequest", QuotaRequest(bytes: 1)),
            (
                "DatabaseDocument",
                DatabaseDocument(name: "n", version: "1", digest: digest, size: 1, files: 2, createdAt: 3)
            ), ("DatabaseRequest", DatabaseRequest(name: "n", version: "1", folder: "/f")),
        ]
    }

    static func input(_ id: Identifier, _ digest: Digest) -> JobRequest.Input {
        var input = JobRequest.Input(name: "n", path: "/p", file: digest)
        (input.id, input.upload) = (id, id)
        return input
    }
}
