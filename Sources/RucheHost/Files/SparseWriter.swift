import Glibc
package import SystemPackage

/// Writes a new file from its beginning to its end, and leaves out what is empty: a raw disk takes what is in it.
package struct SparseWriter: ~Copyable {
    private let file: FileDescriptor
    package private(set) var size: Int64 = 0

    /// `file` is empty, and the caller's to close.
    package init(_ file: FileDescriptor) { self.file = file }

    /// Chunks of zeros become holes, where the file system has them.
    package mutating func write(_ chunk: UnsafeRawBufferPointer) throws {
        if !Self.isEmpty(chunk) { try file.writeAll(toAbsoluteOffset: size, chunk) }
        size += Int64(chunk.count)
    }

    /// Whether each byte is the one before it, and the first is 0.
    private static func isEmpty(_ chunk: UnsafeRawBufferPointer) -> Bool {
        guard let start = chunk.baseAddress, chunk.first == 0 else { return chunk.isEmpty }
        return memcmp(start, start + 1, chunk.count - 1) == 0
    }

    /// Writes it to the disk. Nothing is written afterwards.
    package func finish() throws {
        try file.resize(to: size)
        try file.sync()
    }
}
