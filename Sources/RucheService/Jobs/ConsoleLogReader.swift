import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Reads a container's console log from a line, and follows it while the container lives.
struct ConsoleLogReader: Sendable {
    private static let piece = 256 << 10
    private static let pause = Duration.milliseconds(100)

    /// Where the log may be: it moves from one to the next.
    private let places: [FilePath]

    init(_ places: FilePath...) { self.places = places }

    init(folder: JobFolder) { places = [folder.liveConsole, folder.console] }

    /// `isOver` tells whether nothing more comes; it is asked before each read, so that nothing written before
    /// the end is missed.
    func lines(
        _ selection: LogSelection, follow: Bool, isOver: @escaping @Sendable () async throws -> Bool
    ) -> AsyncThrowingStream<ConsoleLine, any Error> {
        let cursor = Cursor(places: places, selection)
        return AsyncThrowingStream { try await Self.next(cursor, follow: follow, isOver: isOver) }
    }

    /// The same as text, each line with its end.
    func text(
        _ selection: LogSelection, follow: Bool, isOver: @escaping @Sendable () async throws -> Bool
    ) -> AsyncThrowingStream<[UInt8], any Error> {
        let cursor = Cursor(places: places, selection)
        return AsyncThrowingStream {
            guard var line = try await Self.next(cursor, follow: follow, isOver: isOver) else { return nil }
            var bytes: [UInt8] = []
            while true {
                bytes += line.text.utf8
                bytes.append(10)
                guard bytes.count < Self.piece, await !cursor.isDone, let next = await cursor.next() else { break }
                line = next
            }
            return bytes
        }
    }

    private static func next(
        _ cursor: Cursor, follow: Bool, isOver: @Sendable () async throws -> Bool
    ) async throws -> ConsoleLine? {
        while true {
            if await cursor.isDone { return nil }
            if let line = await cursor.next() { return line }
            let isOver = try await isOver()
            if try await cursor.read(piece) { continue }
            if isOver || !follow { return await cursor.end() }
            try await Task.sleep(for: pause)
        }
    }

    private actor Cursor {
        /// Bytes before the end that are searched for the newest lines.
        private static let tailWindow: Int64 = 64 << 20

        private let places: [FilePath]
        private var selection: LogSelection
        private var parser = ConsoleParser()
        private var position: Int64 = 0
        /// Lines that are still to be passed over.
        private var skipped: Int
        private var given = 0
        private var lines: ArraySlice<ConsoleLine> = []
        private var file: FileDescriptor?
        private var isFinished = false
        private var gap: LogGap?

        init(places: [FilePath], _ selection: LogSelection) {
            self.places = places
            self.selection = selection
            skipped = max(0, selection.from)
            position = max(0, selection.after ?? 0)
            parser.position = position
        }

        deinit { try? file?.close() }  // it was only read

        var isDone: Bool { selection.limit.map { given >= $0 } ?? false }

        func next() -> ConsoleLine? {
            guard let line = lines.popFirst() else { return nil }
            given += 1
            return line
        }

        /// Lines that were begun and never ended, once.
        func end() -> ConsoleLine? {
            if !isFinished { lines = parser.finish().filter(selection.fits).dropFirst(skipped) }
            isFinished = true
            return next()
        }

        /// False when there is nothing new.
        func read(_ count: Int) throws -> Bool {
            guard !isFinished else { return false }
            if file == nil { try open() }
            guard let file else { return false }
            if let tail = selection.tail {
                selection.tail = nil
                if try readTail(file, tail) { return true }
            }
            var buffer = [UInt8](repeating: 0, count: count)
            var count = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: position, into: $0) }
            guard count > 0 else { return false }
            // Looked for after the reading: what was read may have been taken out just then.
            if let gap = findGap(file), position < gap.to {
                if position >= gap.from { return pass(gap) }
                count = min(count, Int(gap.from - position))
            }
            position += Int64(count)
            take(parser.feed(buffer[..<count]).filter(selection.fits))
            return true
        }

        /// What is missing from the file that is open, as far as it is known.
        private func findGap(_ file: FileDescriptor) -> LogGap? {
            var (open, named) = (stat(), stat())
            guard fstat(file.rawValue, &open) == 0 else { return gap }
            for path in places {
                // Another attempt of the job has another console.
                guard lstat(path.string, &named) == 0, named.st_ino == open.st_ino, let found = LogGap(of: path)
                else { continue }
                gap = found
            }
            return gap
        }

        /// Goes on after a gap, with a line in its place whatever lines are asked for.
        private func pass(_ gap: LogGap) -> Bool {
            take(parser.finish().filter(selection.fits))
            lines.append(Self.notice(gap))
            parser = ConsoleParser()
            parser.position = gap.to
            position = gap.to
            return true
        }

        private static func notice(_ gap: LogGap) -> ConsoleLine {
            ConsoleLine(time: "", stream: "stderr", text: gap.notice, position: gap.to)
        }

        private func take(_ found: [ConsoleLine]) {
            lines.append(contentsOf: found.dropFirst(skipped))
            skipped -= min(skipped, found.count)
            // Lines come in the order of their times: after the first one every other is late enough.
            if !found.isEmpty { selection.since = nil }
        }

        /// Reads the newest lines from the end, in ever larger pieces.
        private func readTail(_ file: FileDescriptor, _ tail: Int) throws -> Bool {
            let size = try file.seek(offset: 0, from: .end)
            let gap = findGap(file).flatMap { position < $0.to ? $0 : nil }
            let first = gap?.to ?? position
            var window: Int64 = 64 << 10
            while true {
                let start = max(first, size - window)
                var parser = ConsoleParser()
                var bytes = try file.bytes(from: start, to: size)[...]
                if start > first {
                    let begin = bytes.firstIndex(of: 10).map { $0 + 1 } ?? bytes.endIndex
                    bytes = bytes[begin...]
                }
                parser.position = size - Int64(bytes.count)
                let found = parser.feed(bytes).filter(selection.fits)
                // One more than asked for: the first may be the rest of a line.
                if found.count > tail || start == first || window >= Self.tailWindow {
                    // Older lines than the newest part has are not looked for.
                    if let gap, start == first, found.count < tail { lines.append(Self.notice(gap)) }
                    take(found.suffix(tail))
                    self.parser = parser
                    position = size
                    return !found.isEmpty
                }
                window *= 4
            }
        }

        /// The log moves when the job ends; an open descriptor moves with it.
        private func open() throws {
            for path in places {
                do {
                    file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .noFollow])
                    return
                } catch Errno.noSuchFileOrDirectory {
                    continue
                }
            }
        }
    }
}
