import RucheCore
import RucheService
import RucheWire

extension JobDocument {
    /// What the API shows of a job. The folder and paths of this machine only to its own user.
    init(_ record: JobRecord, folder: String?, place: JobPlace = JobPlace(), estimatedEnd: Int64? = nil) {
        self.init(
            id: record.id, release: record.release, releaseDigest: record.releaseDigest, engine: record.engine,
            state: record.state, createdAt: record.createdAt, parameters: record.parameters,
            inputs: record.inputs.map { JobFile(path: $0.name, size: $0.size, digest: $0.digest) },
            limits: record.limits)
        name = record.name
        progress = record.progress
        progressLabel = record.progressLabel
        startedAt = record.startedAt
        endedAt = record.endedAt
        exit = record.exit
        outputs = record.outputs.map { JobFile(path: $0.path, size: $0.size, digest: $0.digest) }
        warnings = record.warnings
        usage = record.usage
        self.estimatedEnd = estimatedEnd
        self.folder = folder
        priority = record.priority
        after = record.after
        retry = record.retry
        attempts = record.attempts
        references = record.references?.map(\.reference)
        waiting = place.waiting
        position = place.position
        owner = record.ownerName
        createdBy = record.createdBy
    }
}

extension JobSummaryDocument {
    init(_ job: JobSummary, place: JobPlace = JobPlace(), estimatedEnd: Int64? = nil) {
        self.init(
            id: job.id, release: job.release, releaseDigest: job.releaseDigest, engine: job.engine,
            state: job.state, createdAt: job.createdAt, inputs: job.inputs, outputs: job.outputs,
            outputBytes: job.outputBytes)
        name = job.name
        progress = job.progress
        progressLabel = job.progressLabel
        startedAt = job.startedAt
        endedAt = job.endedAt
        exit = job.exit
        self.estimatedEnd = estimatedEnd
        priority = job.priority
        waiting = place.waiting
        position = place.position
        owner = job.owner
        createdBy = job.createdBy
    }
}

extension JobSubmission {
    init(_ request: JobRequest, by caller: Caller) {
        self.init(
            release: request.release,
            inputs: request.inputs.map { Input($0) },
            parameters: request.parameters)
        name = request.name
        databases = request.databases
        references = request.references ?? []
        engine = request.engine
        limits = request.limits
        priority = request.priority
        after = request.after ?? []
        retry = request.retry
        owner = request.owner ?? caller.owner
        createdBy = caller.actor
    }
}

extension JobStatsDocument {
    init(_ stats: JobStats) {
        self.init(
            cpuSeconds: Double(stats.cpuNanoseconds) / 1e9, memoryBytes: stats.memoryBytes,
            memoryPeakBytes: stats.memoryPeakBytes, processes: stats.processes,
            readBytes: stats.readBytes, writtenBytes: stats.writtenBytes,
            diskBytes: UInt64(max(0, stats.diskBytes)))
        cpus = stats.cpus
        memoryLimitBytes = stats.memoryLimitBytes
    }
}

extension JobSubmission.Input {
    init(_ input: JobRequest.Input) {
        self.init(name: input.name, path: input.path, file: input.file)
        id = input.id
        upload = input.upload
    }
}
