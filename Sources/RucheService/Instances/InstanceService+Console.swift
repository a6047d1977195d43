package import RucheCore
import RucheHost
package import SystemPackage

extension InstanceService {
    /// The file that an instance's console is in as it was written; nil where it is made of an engine's records.
    package func consoleFile(_ id: Identifier) throws -> FilePath? {
        let record = try instance(id)
        return record.isContainer ? nil : folder(id).console
    }

    /// What an instance wrote, from its last `lines` on when they are given; with `follow` until it is at rest, or
    /// `isGone` says that nobody reads on. An empty chunk may come when there is nothing new.
    package func console(
        _ id: Identifier, lines: Int?, follow: Bool, isGone: @escaping @Sendable () -> Bool = { false }
    ) throws -> AsyncThrowingStream<[UInt8], any Error> {
        let path = folder(id).console
        if try instance(id).isContainer {
            var selection = LogSelection()
            selection.tail = lines
            return ConsoleLogReader(folder(id).records).text(selection, follow: follow) {
                if isGone() { return true }
                return await !self.isGoingOn(id)
            }
        }
        let reader = ConsoleReader(path: path, offset: try lines.map { try ConsoleReader.start(path, lines: $0) } ?? 0)
        return AsyncThrowingStream {
            // Asked before what is there is read: what comes before the end is given whole.
            let goesOn = follow ? await self.isGoingOn(id) : false
            return try await reader.next(isLast: !goesOn)
        }
    }

    private func isGoingOn(_ id: Identifier) -> Bool { records[id]?.state.mayRun == true }
}

/// Where one reader of a console is.
private actor ConsoleReader {
    private static let chunk = 256 << 10
    /// Bytes that are looked through for the last lines.
    private static let most = 1 << 20

    private let path: FilePath
    private var offset: Int64
    private var isIdle = false

    init(path: FilePath, offset: Int64) {
        self.path = path
        self.offset = offset
    }

    /// Nil at the end, which is where nothing more comes.
    func next(isLast: Bool) async throws -> [UInt8]? {
        if isIdle, !isLast { try await Task.sleep(for: .milliseconds(200)) }
        guard case .regular(let size) = try? FileTree.kind(path) else { return isLast ? nil : idle() }
        if size < offset { offset = 0 }  // it was begun anew
        guard size > offset else { return isLast ? nil : idle() }
        let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
        let bytes = try file.closeAfter {
            try [UInt8](unsafeUninitializedCapacity: Int(min(size - offset, Int64(Self.chunk)))) { buffer, count in
                count = try file.read(fromAbsoluteOffset: offset, into: UnsafeMutableRawBufferPointer(buffer))
            }
        }
        offset += Int64(bytes.count)
        isIdle = false
        return bytes
    }

    private func idle() -> [UInt8] {
        isIdle = true
        return []
    }

    /// Where the last lines begin.
    static func start(_ path: FilePath, lines: Int) throws -> Int64 {
        guard case .regular(let size) = try? FileTree.kind(path), size > 0 else { return 0 }
        let bytes = try ConsoleTail.bytes(path, most: most)
        let first = size - Int64(bytes.count)
        var left = lines
        for index in bytes.indices.dropLast().reversed() where bytes[index] == 10 {
            left -= 1
            if left <= 0 { return first + Int64(index) + 1 }
        }
        return lines == 0 ? size : first
    }
}
