import RucheCore
import RucheHost
import SystemPackage

/// Reads a job's console from a line, and follows it while the job lives.
struct JobLogReader: Sendable {
    private static let piece = 256 << 10
    private static let pause = Duration.milliseconds(100)

    let folder: JobFolder

    /// `isOver` tells whether the job is final; it is asked before each read, so that nothing written before
    /// the end is missed.
    func lines(
        from first: Int, follow: Bool, isOver: @escaping @Sendable () async throws -> Bool
    ) -> AsyncThrowingStream<ConsoleLine, any Error> {
        let cursor = Cursor(folder: folder, skipping: first)
        return AsyncThrowingStream {
            while true {
                if let line = await cursor.next() { return line }
                let isOver = try await isOver()
                if try await cursor.read(Self.piece) { continue }
                if isOver || !follow { return await cursor.end() }
                try await Task.sleep(for: Self.pause)
            }
        }
    }

    private actor Cursor {
        private let folder: JobFolder
        private var parser = ConsoleParser()
        private var position: Int64 = 0
        /// Lines that are still to be passed over.
        private var skipped: Int
        private var lines: ArraySlice<ConsoleLine> = []
        private var file: FileDescriptor?
        private var isFinished = false

        init(folder: JobFolder, skipping count: Int) {
            self.folder = folder
            skipped = max(0, count)
        }

        deinit { try? file?.close() }  // it was only read

        func next() -> ConsoleLine? { lines.popFirst() }

        /// Lines that were begun and never ended, once.
        func end() -> ConsoleLine? {
            if !isFinished { lines = parser.finish().dropFirst(skipped) }
            isFinished = true
            return lines.popFirst()
        }

        /// False when there is nothing new.
        func read(_ count: Int) throws -> Bool {
            guard !isFinished else { return false }
            if file == nil { try open() }
            guard let file else { return false }
            var buffer = [UInt8](repeating: 0, count: count)
            let count = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: position, into: $0) }
            guard count > 0 else { return false }
            position += Int64(count)
            let found = parser.feed(buffer[..<count])
            lines.append(contentsOf: found.dropFirst(skipped))
            skipped -= min(skipped, found.count)
            return true
        }

        /// The log moves when the job ends; an open descriptor moves with it.
        private func open() throws {
            for path in [folder.liveConsole, folder.console] {
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
