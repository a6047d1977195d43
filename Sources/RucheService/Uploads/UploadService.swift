import Glibc
package import RucheCore
import RucheHost
import RucheStore
import SystemPackage

/// Uploads that can be interrupted at any time and go on: by the client, the network, or a kill of this process.
///
/// Events: `upload.created`, `upload.progressed` (at most one a second), `upload.completed`, `upload.terminated`,
/// `upload.expired`; their subject is `upload:ID`.
package actor UploadService {
    let configuration: UploadServiceConfiguration
    /// Open files, with the hash of what they hold so far.
    private var sessions: [Identifier: UploadSession] = [:]
    var completions: [Identifier: Task<Upload, any Error>] = [:]
    private var observer: (@Sendable (Identifier) async -> Void)?
    private static let openLimit = 64

    /// Makes the folder. Throws `disk_full` or `not_permitted` when it can't be used.
    package init(_ configuration: UploadServiceConfiguration) throws {
        self.configuration = configuration
        do { try FileTree.makeFolder(configuration.folder, permissions: 0o700) } catch let error as Errno {
            throw RucheError.storage(error, "make", configuration.folder)
        }
    }

    package nonisolated var limit: Int64 { configuration.limit }

    /// `observer` is called after an upload has become a file, or has ended without.
    package func observe(_ observer: @escaping @Sendable (Identifier) async -> Void) { self.observer = observer }

    func tellObserver(_ id: Identifier) async { await observer?(id) }

    // MARK: Beginning

    /// Begins an upload. Throws `invalid_input` for its name, `quota_exceeded`; nothing is kept of it then.
    package func create(_ request: UploadRequest) async throws -> Upload {
        let row = try makeRow(request)
        try check(length: request.length)
        try DiskReserve.require(in: configuration.folder)
        let id = try identifier(row)
        sessions[id] = try UploadSession(path(id), isNew: true)
        do {
            try await configuration.events.write([Self.event(row, "upload.created")]) { connection in
                try QuotaCheck(connection: connection).require(row.length ?? 0, for: row.owner)
                try UploadRepository(connection).save(row)
            }
        } catch {
            forget(id)?.remove()
            throw error
        }
        if row.length == 0 { return try await complete(id) }
        return try upload(row, offset: 0)
    }

    func makeRow(_ request: UploadRequest) throws -> UploadRow {
        let name = request.metadata.name ?? "upload"
        try FileName.check(name, path: "Upload-Metadata.filename")
        let time = configuration.now()
        var generator = SystemRandomNumberGenerator()
        let id = Identifier(milliseconds: UInt64(max(0, time)), using: &generator)
        var row = UploadRow(
            id: id.description, owner: request.owner.description, name: name,
            type: FileMediaType.of(name, said: request.metadata.type), metadata: request.metadata.text,
            createdAt: time, expiresAt: time + configuration.lifetime)
        row.length = request.length
        row.concat = request.isPartial ? "partial" : nil
        return row
    }

    private func check(length: Int64?) throws {
        guard let length, length > limit else { return }
        throw RucheError(
            .invalidInput, "an upload may have \(ByteCount(limit)) at most: this one has \(ByteCount(length))",
            details: ["body_limit": "\(limit)"])
    }

    // MARK: Rows

    func known(_ id: Identifier) async throws -> UploadRow? {
        try await configuration.database.read { try UploadRepository($0).upload(id.description) }
    }

    /// The row of an upload, ended first when its time is over.
    func row(_ id: Identifier) async throws -> UploadRow {
        guard let row = try await known(id) else { throw Self.missing(id) }
        let isOver =
            row.expiresAt < configuration.now() && sessions[id]?.isBusy != true && completions[id] == nil
        guard row.file == nil, isOver, [.receiving, .complete].contains(row.state) else { return row }
        return try await end(row, .expired)
    }

    // MARK: Writing

    /// Begins to append at `offset`. `length` is for an upload that was begun without one.
    ///
    /// Throws `conflict` for another offset, `locked` while a living request writes, `forbidden` for an upload that
    /// was put together from others, `gone`, `not_found`, `quota_exceeded`.
    package func begin(
        _ id: Identifier, at offset: Int64, checksum: UploadChecksum?, length: Int64? = nil
    ) async throws -> UploadWriter {
        var row = try await row(id)
        guard [.receiving, .complete].contains(row.state) else { throw Self.gone(row) }
        if row.concat?.hasPrefix("final") == true {
            throw RucheError(.forbidden, "the upload \(id) was put together from others: nothing can be added to it")
        }
        guard row.state == .receiving else {
            throw RucheError(
                .conflict, "the upload \(id) is whole already", details: ["offset": "\(row.length ?? 0)"])
        }
        if let length { row = try await announce(length, row) }
        let session = try session(id)
        guard let number = try session.begin(at: offset, checksum: checksum, patience: configuration.patience) else {
            throw RucheError(
                .locked, "another request writes to the upload \(id): wait for it to end, or ask for the offset again",
                details: ["upload": "\(id)"])
        }
        return UploadWriter(
            id: id, session: session, number: number, room: (row.length ?? limit) - offset,
            interval: configuration.eventInterval)
    }

    private func announce(_ length: Int64, _ row: UploadRow) async throws -> UploadRow {
        guard row.length == nil else {
            if row.length == length { return row }
            throw RucheError(.invalidInput, "the length of the upload is \(row.length ?? 0) and never changes")
        }
        try check(length: length)
        guard try length >= session(try identifier(row)).durableOffset() else {
            throw RucheError(.invalidInput, "the upload has more than \(length) bytes already")
        }
        var row = row
        row.length = length
        let changed = row
        try await configuration.database.write { connection in
            try QuotaCheck(connection: connection).require(length, for: changed.owner)
            try UploadRepository(connection).save(changed)
        }
        return row
    }

    /// Ends appending: what came is durable when this returns. `isWhole` is false for a request that broke off.
    ///
    /// Throws `checksum_mismatch`. The upload becomes a file with its last byte.
    package func finish(_ writer: UploadWriter, isWhole: Bool) async throws -> Upload {
        let offset = try writer.session.finish(as: writer.number, isWhole: isWhole)
        // Also after its time: it was written to until now.
        guard var row = try await known(writer.id) else { throw Self.missing(writer.id) }
        guard row.state != .complete else { return try upload(row, offset: row.length ?? offset) }
        guard row.state == .receiving else { throw Self.gone(row) }
        if row.length == offset { return try await complete(writer.id) }
        row.expiresAt = configuration.now() + configuration.lifetime
        let changed = row
        try await configuration.database.write { connection in
            let uploads = UploadRepository(connection)
            // Somebody may have ended it meanwhile.
            if try uploads.upload(changed.id)?.state == .receiving { try uploads.save(changed) }
        }
        return try upload(row, offset: offset)
    }

    /// Writes the event of progress.
    package func tellProgress(_ writer: UploadWriter) async {
        guard let row = try? await known(writer.id) else { return }
        let offset = writer.session.received
        // An event of progress that can't be written is not worth an upload.
        _ = try? await configuration.events.write([Self.event(row, "upload.progressed", offset: offset)]) { _ in }
    }

    // MARK: Ending

    /// Ends an upload and drops its bytes; a file that it became stays.
    package func terminate(_ id: Identifier) async throws {
        let row = try await row(id)
        guard row.state == .receiving || (row.state == .complete && row.file == nil) else {
            if row.file != nil {
                throw RucheError(.conflict, "the upload \(id) is a file already: remove the file \(row.file ?? "")")
            }
            throw Self.gone(row)
        }
        guard completions[id] == nil else { throw RucheError(.locked, "the upload \(id) becomes a file just now") }
        _ = try await end(row, .terminated)
    }

    func end(_ row: UploadRow, _ state: UploadRow.State) async throws -> UploadRow {
        let id = try identifier(row)
        var row = row
        row.state = state
        row.expiresAt = configuration.now()
        let ended = row
        try await configuration.events.write([Self.event(row, "upload.\(state.rawValue)")]) {
            try UploadRepository($0).save(ended)
        }
        let session = forget(id)
        session?.remove()
        if session == nil { for suffix in ["", ".unchecked"] { unlink(path(id).string + suffix) } }
        await tellObserver(id)
        return row
    }

    /// Makes a whole upload a file, once, however many ask.
    func complete(_ id: Identifier) async throws -> Upload {
        if let running = completions[id] { return try await running.value }
        // Its own task: the one that asked first may be cut off, and the bytes are all here.
        let task = Task { try await self.makeFile(id) }
        completions[id] = task
        defer { completions[id] = nil }
        return try await task.value
    }

    // MARK: Parts

    func session(_ id: Identifier) throws -> UploadSession {
        if let session = sessions[id] { return session }
        if sessions.count >= Self.openLimit { sessions = sessions.filter { $0.value.isBusy } }
        guard FileTree.exists(path(id)) else {
            throw RucheError(.gone, "the bytes of the upload \(id) are not here any more: begin again")
        }
        let session = try UploadSession(path(id), isNew: false)
        sessions[id] = session
        return session
    }

    @discardableResult
    func forget(_ id: Identifier) -> UploadSession? { sessions.removeValue(forKey: id) }

    nonisolated func path(_ id: Identifier) -> FilePath { path(id.description) }
    nonisolated func path(_ id: String) -> FilePath { configuration.folder.appending(id + ".upload") }

    nonisolated func identifier(_ row: UploadRow) throws -> Identifier {
        guard let id = Identifier(row.id) else { throw RucheError(.corruptContent, "\(row.id) is no upload") }
        return id
    }

    nonisolated func upload(_ row: UploadRow, offset: Int64) throws -> Upload {
        guard let upload = Upload(row, offset: offset) else {
            throw RucheError(.corruptContent, "the record of the upload \(row.id) can't be read")
        }
        return upload
    }

    package static func missing(_ id: Identifier) -> RucheError {
        RucheError(.notFound, "there is no upload \(id)", details: ["upload": id.description])
    }

    static func gone(_ row: UploadRow) -> RucheError {
        RucheError(
            .gone,
            "the upload \(row.id) was \(row.state == .expired ? "not gone on with in time" : "ended"): begin again",
            details: ["upload": row.id, "state": row.state.rawValue])
    }

    static func event(_ row: UploadRow, _ kind: String, offset: Int64? = nil) -> EventDraft {
        var data: [String: JSONValue] = ["name": .string(row.name)]
        if let length = row.length { data["length"] = .integer(length) }
        if let offset { data["offset"] = .integer(offset) }
        if let file = row.file { data["file"] = .string(file) }
        if let digest = row.digest { data["digest"] = .string(digest) }
        return EventDraft(subject: "upload:\(row.id)", kind: kind, data: .object(data), owner: OwnerName(row.owner))
    }
}
