import RucheClient
import RucheCore
import RucheHost
import RucheWire
import Synchronization
import SystemPackage

/// Sends files to a server, at most two at a time, each with a bar of its own.
///
/// The uploads are begun first, so that a job can name them while they are on their way.
final class FileSending: Sendable {
    struct Item: Sendable {
        let path: FilePath
        let upload: Identifier
        let meter: Meter
        var name: String { path.lastComponent?.string ?? "" }
    }

    private static let width = 2

    let items: [Item]
    private let isDone: Mutex<[Bool]>

    private init(_ items: [Item]) {
        self.items = items
        isDone = Mutex(items.map { _ in false })
    }

    /// Begins an upload for each file. Nothing is left of them when one is refused.
    static func begin(_ paths: [FilePath], owner: String? = nil, _ client: APIClient) async throws -> FileSending {
        var items: [Item] = []
        do {
            for path in paths {
                let length = try size(path)
                let name = path.lastComponent?.string ?? ""
                let id = try await client.beginUpload(name: name, length: length, owner: owner)
                items.append(item(path, id, length))
            }
        } catch {
            await FileSending(items).drop(client)
            throw error
        }
        return FileSending(items)
    }

    /// Goes on with an upload that was begun before.
    static func resume(_ id: Identifier, _ path: FilePath) throws -> FileSending {
        FileSending([item(path, id, try size(path))])
    }

    private static func item(_ path: FilePath, _ id: Identifier, _ length: Int64) -> Item {
        let meter = Meter("sending \(path.lastComponent?.string ?? "")", unit: .bytes, total: length)
        return Item(path: path, upload: id, meter: meter)
    }

    private static func size(_ path: FilePath) throws -> Int64 { try Upload.file(path) { _, _ in }.length ?? 0 }

    /// The bars of what is on its way.
    func lines() -> [StyledLine] {
        let done = isDone.withLock { $0 }
        return zip(items, done).filter { !$0.1 }.flatMap { $0.0.meter.lines() }
    }

    /// Sends what is missing of every file, and returns the files in their order. Says how to go on with what broke.
    func send(_ client: APIClient, _ output: Output) async throws -> [FileDocument] {
        do {
            return try await withThrowingTaskGroup(of: (Int, FileDocument).self) { group in
                var files = [FileDocument?](repeating: nil, count: items.count)
                for index in items.indices {
                    if index >= Self.width, let (done, file) = try await group.next() { files[done] = file }
                    group.addTask { (index, try await self.send(index, client)) }
                }
                for try await (done, file) in group { files[done] = file }
                return files.compactMap(\.self)
            }
        } catch {
            if !Task.isCancelled { tellHowToGoOn(output) }
            throw error
        }
    }

    private func send(_ index: Int, _ client: APIClient) async throws -> FileDocument {
        let (path, meter) = (items[index].path, items[index].meter)
        meter.start()
        let file = try await client.sendUpload(items[index].upload, path) { meter.set($0) }
        isDone.withLock { $0[index] = true }
        return file
    }

    /// Tells the commands that go on with what is not whole.
    func tellHowToGoOn(_ output: Output) {
        let done = isDone.withLock { $0 }
        for (item, isDone) in zip(items, done) where !isDone {
            output.note("go on with: ruche file upload --resume \(item.upload) \(item.path)")
        }
    }

    /// Ends the uploads that are not whole, for a job that does not want them any more.
    func drop(_ client: APIClient) async {
        let done = isDone.withLock { $0 }
        // In a task of its own: also a cancelled command ends them. What can't be ended expires.
        await Task {
            for (item, isDone) in zip(items, done) where !isDone { try? await client.endUpload(item.upload) }
        }.value
    }

    /// Runs `body`, which follows the job that waits for the files, while they are sent, if there are any. When the
    /// job is over first, the rest is not sent. What can't be sent ends the job; what broke off can go on later.
    /// `isDetached` returns as soon as the files are sent.
    static func run(
        _ sending: FileSending?, _ client: APIClient, _ output: Output, isDetached: Bool = false,
        during body: @escaping @Sendable () async throws -> Void
    ) async throws {
        guard let sending else { return try await body() }
        do {
            try await withThrowingTaskGroup(of: Bool.self) { group in
                group.addTask {
                    try await body()
                    return true
                }
                group.addTask {
                    _ = try await sending.send(client, output)
                    return false
                }
                while let isOver = try await group.next(), !isOver, !isDetached {}
                group.cancelAll()
            }
        } catch let error as RucheError where Self.isFinal(error.code) {
            await sending.drop(client)
            throw error
        }
        await sending.drop(client)
    }

    /// Whether another attempt with the same file would end the same.
    private static func isFinal(_ code: ErrorCode) -> Bool {
        [.invalidInput, .notFound, .corruptContent].contains(code)
    }
}
