import RucheCore
import RucheService
import RucheWire

extension FileDocument {
    init(_ file: SiteFile, companions: [SiteFile]? = nil) {
        self.init(
            id: file.id, owner: file.owner, name: file.name, size: file.size, digest: file.digest, type: file.type,
            createdAt: file.createdAt)
        origin = file.job == nil ? "upload" : "job"
        job = file.job
        path = file.path
        self.companions = companions?.map(\.id)
    }
}

extension UploadDocument {
    init(_ upload: Upload) {
        self.init(
            id: upload.id, owner: upload.owner, name: upload.name, type: upload.type, offset: upload.offset,
            state: upload.state, createdAt: upload.createdAt, expiresAt: upload.expiresAt)
        length = upload.length
        concat = upload.concat
        file = upload.file
        digest = upload.digest
    }
}

extension UsageDocument {
    init(_ usage: OwnerUsage) {
        self.init(
            owner: usage.owner, files: usage.files, fileBytes: usage.fileBytes, uploads: usage.uploads,
            uploadBytes: usage.uploadBytes, quota: usage.quota)
        releaseBytes = usage.releaseBytes
    }
}
