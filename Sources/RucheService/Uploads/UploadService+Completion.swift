import Glibc
package import RucheCore
import RucheHost
import RucheImages
import RucheStore
import SystemPackage

extension UploadService {
    private static let concatenationLimit = 1000

    /// The bytes become a blob, the row of the file and the end of the upload come in one transaction, and only then
    /// the upload's own name of the bytes goes: a crash anywhere in here is followed by all of it again.
    func makeFile(_ id: Identifier) async throws -> Upload {
        guard var row = try await configuration.database.read({ try UploadRepository($0).upload(id.description) })
        else { throw Self.missing(id) }
        guard row.state == .receiving else { return try upload(row, offset: row.length ?? 0) }
        row.state = .complete
        if row.concat == "partial" {
            let changed = row
            try await configuration.events.write([Self.event(row, "upload.completed")]) {
                try UploadRepository($0).save(changed)
            }
            return try upload(row, offset: row.length ?? 0)
        }
        let session = try session(id)
        let digest = try await Self.digest(session)
        let lease = try configuration.lease()
        defer { lease.end() }
        try await configuration.content.adopt(session.path, as: digest)
        let done = try await record(row, digest)
        session.remove()
        forget(id)
        await tellObserver(id)
        return try upload(done, offset: done.length ?? 0)
    }

    private func record(_ row: UploadRow, _ digest: Digest) async throws -> UploadRow {
        guard let owner = OwnerName(row.owner), let length = row.length else {
            throw RucheError(.corruptContent, "the record of the upload \(row.id) can't be read")
        }
        let files = configuration.files
        var file = files.row(name: row.name, owner: owner, size: length, digest: digest, type: row.type)
        var drafts: [EventDraft] = []
        let wanted = file
        if let known = try await configuration.database.read({ try FileRepository($0).same(as: wanted) }) {
            file = known
        } else {
            drafts.append(try files.file(file).event("file.created"))
        }
        var row = row
        row.file = file.id
        row.digest = digest.description
        // Known for a while, so that a client that lost the last answer hears that all is well.
        row.expiresAt = configuration.now() + configuration.lifetime
        let (done, new) = (row, file)
        try await configuration.events.write(drafts + [Self.event(row, "upload.completed")]) { connection in
            try FileRepository(connection).save(new)
            try UploadRepository(connection).save(done)
        }
        return row
    }

    @concurrent private static func digest(_ session: UploadSession) async throws -> Digest { try session.digest() }

    // MARK: Concatenation

    /// Puts whole parts together to one file, in this order; a part may come twice. The parts stay until they expire.
    ///
    /// Throws `invalid_input` with every part that can't be used.
    package func concatenate(_ parts: [Identifier], _ request: UploadRequest, header: String) async throws -> Upload {
        guard !parts.isEmpty, parts.count <= Self.concatenationLimit else {
            throw RucheError(
                .invalidInput,
                "a file is put together from 1 to \(Self.concatenationLimit) parts: these are \(parts.count)")
        }
        var request = request
        request.length = try await length(of: parts, owner: request.owner)
        var row = try makeRow(request)
        row.concat = header
        let begun = row
        let id = try identifier(row)
        try await configuration.events.write([Self.event(row, "upload.created")]) { connection in
            try QuotaCheck(connection: connection).require(begun.length ?? 0, for: begun.owner)
            try UploadRepository(connection).save(begun)
        }
        do {
            try await Self.join(parts.map(path), to: path(id))
        } catch {
            _ = try await end(row, .terminated)
            throw error
        }
        forget(id)  // opened by somebody who looked, it would have the size of that moment
        return try await complete(id)
    }

    private func length(of parts: [Identifier], owner: OwnerName) async throws -> Int64 {
        var problems: [Problem] = []
        var length: Int64 = 0
        for (index, part) in parts.enumerated() {
            let row = try await configuration.database.read { try UploadRepository($0).upload(part.description) }
            guard let row, row.owner == owner.description, row.concat == "partial", row.state == .complete else {
                problems.append(
                    Problem(
                        path: "Upload-Concat[\(index)]", message: "this is no whole partial upload of \(owner)",
                        found: "\(part)"))
                continue
            }
            length += row.length ?? 0
        }
        guard problems.isEmpty else {
            throw RucheError(.invalidInput, "the parts can't be put together", problems: problems)
        }
        guard length <= limit else {
            throw RucheError(
                .invalidInput, "an upload may have \(ByteCount(limit)) at most: the parts have \(ByteCount(length))",
                details: ["body_limit": "\(limit)"])
        }
        return length
    }

    /// The kernel copies, or shares the blocks where the file system can.
    @concurrent private static func join(_ parts: [FilePath], to target: FilePath) async throws {
        do {
            let output = try FileDescriptor.open(
                target, .writeOnly, options: [.create, .truncate, .closeOnExec], permissions: [.ownerReadWrite])
            try output.closeAfter {
                for part in parts {
                    let input = try FileDescriptor.open(part, .readOnly, options: [.closeOnExec, .noFollow])
                    try input.closeAfter { try copy(input, to: output) }
                }
                guard fdatasync(output.rawValue) == 0 else { throw Errno(rawValue: errno) }
            }
        } catch let error as Errno {
            throw RucheError.storage(error, "put together", target)
        }
    }

    private static func copy(_ input: FileDescriptor, to output: FileDescriptor) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = try buffer.withUnsafeMutableBytes { try input.read(into: $0) }
            if count == 0 { return }
            try output.writeAll(buffer[..<count])
        }
    }

    // MARK: Maintenance

    /// Takes up what an earlier process left: whole uploads become files, bytes of no upload go.
    package func recover() async throws {
        let rows = try await configuration.database.read { try UploadRepository($0).uploads(state: .receiving) }
        var names: Set<String> = []
        for row in rows {
            let id = try identifier(row)
            names.insert(row.id)
            guard FileTree.exists(path(id)) else {
                _ = try await end(row, .terminated)
                continue
            }
            guard let length = row.length else { continue }
            let session = try session(id)
            if try session.durableOffset() == length {
                _ = try await complete(id)
            } else if row.concat?.hasPrefix("final") == true {
                _ = try await end(row, .terminated)  // its joining was cut off, and the parts are still here
            } else {
                forget(id)
            }
        }
        let parts = try await configuration.database.read { try UploadRepository($0).uploads(state: .complete) }
        names.formUnion(parts.filter { $0.file == nil }.map(\.id))
        for name in try FileTree.names(in: configuration.folder) where name.contains(".upload") {
            guard let id = name.split(separator: ".").first, !names.contains(String(id)) else { continue }
            unlink(configuration.folder.appending(name).string)
        }
    }

    /// Ends uploads that nobody went on with in time, and forgets those that ended long ago.
    package func removeExpired() async throws {
        let now = configuration.now()
        let rows = try await configuration.database.read { connection in
            try UploadRepository(connection).uploads(state: .receiving)
                + UploadRepository(connection).uploads(state: .complete).filter { $0.file == nil }
        }
        for row in rows where row.expiresAt < now {
            // Asking for it ends it, unless somebody writes to it.
            _ = try? await upload(try identifier(row))
        }
        let forgotten = now - configuration.memory
        try await configuration.database.write { try UploadRepository($0).removeEnded(before: forgotten) }
    }

    /// Looks for expired uploads until it is cancelled.
    package func run(every interval: Duration = .seconds(60)) async throws {
        while !Task.isCancelled {
            do { try await Task.sleep(for: interval) } catch { return }
            do { try await removeExpired() } catch is CancellationError { return } catch { continue }
        }
    }
}
