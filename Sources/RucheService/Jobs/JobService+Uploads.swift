import Logging
package import RucheCore
import RucheStore

/// Jobs whose inputs are still on their way.
extension JobService {
    /// Whether a job waits for uploads: the queue holds it back then.
    func waitsForUploads(_ id: Identifier) -> Bool { active[id]?.record.waitsFor?.isEmpty == false }

    /// To be called when an upload has become a file, or has ended without: jobs that waited for it go on.
    package func uploadEnded(_ upload: Identifier) async {
        for (id, job) in active where job.record.waitsFor?.contains(upload) == true { await refreshUploads(id) }
    }

    /// Looks at the uploads that a job waits for: one that is whole becomes its input, one that ended makes it fail,
    /// and with the last of them the job is queued.
    func refreshUploads(_ id: Identifier) async {
        for upload in active[id]?.record.waitsFor ?? [] {
            let row: UploadRow?
            do {
                row = try await configuration.database.read { try UploadRepository($0).upload(upload.description) }
            } catch {
                logger.error("can't look at an upload", metadata: ["job": "\(id)", "error": "\(error)"])
                return
            }
            guard waitsForUploads(id), active[id]?.record.state == .queued else { return }
            switch row?.state {
            case .receiving: continue
            case .complete where row?.digest != nil:
                take(row, upload, id)
            case .complete, .terminated, .expired, nil:
                let how = row?.state == .expired ? "was not gone on with in time" : "was ended"
                return refuse(id, .engineFailure, "the upload \(upload) of an input \(how): nothing was run")
            }
        }
    }

    /// The same for every job, after a start.
    func refreshAllUploads() async {
        for (id, job) in active where job.record.waitsFor != nil { await refreshUploads(id) }
    }

    /// Whether a job that is not over needs a blob.
    func needs(_ digest: Digest) -> Bool {
        active.values.contains { $0.record.inputs.contains { $0.file == digest } }
    }

    private func take(_ row: UploadRow?, _ upload: Identifier, _ id: Identifier) {
        guard let row, let digest = row.digest.flatMap({ Digest($0) }), var record = active[id]?.record else { return }
        for index in record.inputs.indices where record.inputs[index].upload == upload {
            record.inputs[index].file = digest
            record.inputs[index].digest = digest
            record.inputs[index].size = row.length ?? 0
        }
        record.waitsFor?.removeAll { $0 == upload }
        let isReady = record.waitsFor?.isEmpty != false
        if isReady { record.waitsFor = nil }
        active[id]?.record = record
        self.record(id, "job.input-arrived", ["upload": .string(upload.description)])
        guard isReady else { return }
        queue.letGo(id, .upload)
        schedule()
        tellWaiting(id)
    }
}
