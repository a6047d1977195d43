import Glibc
import RucheHost
import SystemPackage
import Testing

@Suite("Waiting for changes of files")
struct FileWatchTests {
    /// Longer than any test lasts: what is seen is the kernel's word.
    private static let never = Duration.seconds(3600)

    /// The looks until `condition` holds, with the change made after the first.
    private func looks(
        _ watch: FileWatch, change: () throws -> Void, until condition: () -> Bool
    ) async throws -> Int {
        var looks = 0
        for await _ in watch.looks {
            looks += 1
            if looks == 1 { try change() }
            if condition() { break }
        }
        return looks
    }

    @Test("a file that is made in a watched folder is seen", .timeLimit(.minutes(1)))
    func creation() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-watch") { folder in
            let watch = FileWatch(interval: Self.never)
            watch.add(folder)
            let file = folder.appending("new")
            let looks = try await looks(watch) {
                try AtomicFile.write([1], to: file)
            } until: {
                FileTree.exists(file)
            }
            #expect(looks <= 3)
        }
    }

    @Test("what is written to a named pipe is seen, and the end of who writes a file", .timeLimit(.minutes(1)))
    func writing() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-watch") { folder in
            let pipe = folder.appending("pipe")
            #expect(mkfifo(pipe.string, 0o600) == 0)
            let end = try FileDescriptor.open(pipe, .readWrite, options: [.nonBlocking, .closeOnExec])
            let watch = FileWatch(interval: Self.never)
            watch.add(pipe)
            var byte: UInt8 = 0
            _ = try await looks(watch) {
                try end.writeAll([7])
            } until: {
                (try? withUnsafeMutableBytes(of: &byte) { try end.read(into: $0) }) == 1
            }
            try end.close()
            #expect(byte == 7)

            let file = folder.appending("file")
            let writer = try FileDescriptor.open(
                file, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            let second = FileWatch(interval: Self.never)
            second.add(file)
            var looksAfterEnd = 0
            _ = try await looks(second) {
                try writer.close()
            } until: {
                looksAfterEnd += 1
                return looksAfterEnd == 2
            }
        }
    }

    @Test("without any change there is a look every interval, and none after the task was cancelled")
    func interval() async throws {
        let watch = FileWatch(interval: .milliseconds(2))
        watch.add("/no/such/folder")
        let task = Task {
            var looks = 0
            for await _ in watch.looks { looks += 1 }
            return looks
        }
        var iterator = FileWatch(interval: .milliseconds(2)).looks.makeAsyncIterator()
        for _ in 0..<10 { #expect(await iterator.next() != nil) }
        task.cancel()
        #expect(await task.value >= 1)
    }
}
