import Glibc
import SystemPackage

/// Gathers small writes into chunks of about 1 MiB, and reads files straight into them.
final class OutputBuffer {
    private static let capacity = 1 << 20
    private var bytes = [UInt8](repeating: 0, count: OutputBuffer.capacity)
    private var count = 0
    private var overflow: [UInt8] = []

    /// True when `flush` is due; more can be appended all the same.
    var isFull: Bool { count == Self.capacity || !overflow.isEmpty }

    func append(_ data: [UInt8]) {
        let fitting = overflow.isEmpty ? min(data.count, Self.capacity - count) : 0
        bytes.withUnsafeMutableBytes { target in
            data.withUnsafeBytes { source in
                UnsafeMutableRawBufferPointer(rebasing: target[count...]).copyMemory(
                    from: UnsafeRawBufferPointer(rebasing: source[..<fitting]))
            }
        }
        count += fitting
        if fitting < data.count { overflow += data[fitting...] }
    }

    /// Reads at most `limit` bytes into the free space; 0 at the end of the file.
    func read(_ descriptor: Int32, limit: Int64) throws -> Int {
        let wanted = Int(min(limit, Int64(Self.capacity - count)))
        let result = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress.map { $0 + count }, wanted) }
        guard result >= 0 else { throw Errno(rawValue: errno) }
        count += result
        return result
    }

    func flush(_ output: ([UInt8]) async throws -> Void) async throws {
        if count == Self.capacity {
            try await output(bytes)
        } else if count > 0 {
            try await output(Array(bytes[..<count]))
        }
        count = 0
        if !overflow.isEmpty {
            try await output(overflow)
            overflow = []
        }
    }
}
