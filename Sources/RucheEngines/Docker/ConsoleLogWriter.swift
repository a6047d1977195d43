import RucheHost
import SystemPackage

/// Appends a daemon's records to a console log in CRI format, after those that are in it already.
struct ConsoleLogWriter {
    private let file: FileDescriptor
    private let limit: Int64
    private var size: Int64
    /// Records of the daemon that the log holds already.
    private var known: Int

    var isFull: Bool { size >= limit }

    /// Cuts off a line that a killed process had begun.
    init(_ path: FilePath, limit: Int64) throws {
        self.limit = limit
        file = try FileDescriptor.open(
            path, .readWrite, options: [.create, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead, .otherRead])
        (known, size) = (0, 0)
        var gap: LogGap?
        repeat {
            gap = LogGap(of: path)
            try count(besides: gap)
            // Somebody may take out its middle while it is counted.
        } while gap != LogGap(of: path)
    }

    /// Counts the records that the log has, and cuts off one that is not whole.
    private mutating func count(besides gap: LogGap?) throws {
        // Whatever stands in the place of what was taken out, so many records had been there.
        known = Int(gap?.records ?? 0)
        size = 0
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        var position: Int64 = 0
        while true {
            let count = try buffer.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: position, into: $0) }
            if count == 0 { break }
            for index in 0..<count where buffer[index] == 10 {
                let end = position + Int64(index) + 1
                if gap.map({ end <= $0.from || end > $0.to }) ?? true { known += 1 }
                size = end
            }
            position += Int64(count)
        }
        if position != size { try file.resize(to: size) }
    }

    func close() { try? file.close() }  // what was written was checked

    mutating func add(_ records: [DockerFrames.Record]) throws {
        var output: [UInt8] = []
        for record in records {
            if known > 0 {
                known -= 1
                continue
            }
            guard !isFull else { break }
            let start = output.count
            append(record, to: &output)
            size += Int64(output.count - start)
        }
        if !output.isEmpty { try file.writeAll(toAbsoluteOffset: size - Int64(output.count), output) }
    }

    private func append(_ record: DockerFrames.Record, to output: inout [UInt8]) {
        let end = record.payload.firstIndex(of: 32) ?? record.payload.startIndex
        let time = DockerTime.padded(record.payload[..<end])
        var text = time == nil ? record.payload : record.payload[end...].dropFirst()
        let isWhole = text.last == 10
        if isWhole { text = text.dropLast() }
        output += time ?? Array("1970-01-01T00:00:00.000000000+00:00".utf8)
        let head = " \(record.isError ? "stderr" : "stdout") \(isWhole ? "F" : "P") "
        output += Array(head.utf8)
        // One record is one line, whatever is in it.
        output += text.map { $0 == 10 ? 32 : $0 }
        output.append(10)
    }
}
