import Glibc
import RucheHost
import SystemPackage
import Testing

@Suite struct SparseWriterTests {
    /// As a disk has them: what is empty in the middle and at the end takes nothing, and reads as zeros.
    @Test func emptyChunksAreHoles() async throws {
        try await TemporaryDirectory.with(in: "/tmp", prefix: "sparse") { folder in
            let path = folder.appending("disk")
            let (full, empty) = ([UInt8](repeating: 7, count: 1 << 20), [UInt8](repeating: 0, count: 8 << 20))
            let last = [UInt8](repeating: 0, count: 4095) + [1]
            let file = try FileDescriptor.open(
                path, .writeOnly, options: [.create, .closeOnExec], permissions: .ownerReadWrite)
            var writer = SparseWriter(file)
            for chunk in [full, empty, last, [], empty] { try chunk.withUnsafeBytes { try writer.write($0) } }
            try writer.finish()
            try file.close()
            #expect(writer.size == Int64(17 << 20 | 4096))
            var status = stat()
            #expect(stat(path.string, &status) == 0 && status.st_blocks * 512 < 3 << 20)
            #expect(try AtomicFile.read(path) == full + empty + last + empty)
        }
    }
}
