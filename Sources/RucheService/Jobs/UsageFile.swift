import RucheCore
import RucheHost
import SystemPackage

/// The series of what a job used, in its folder: a point a line.
struct UsageFile: Sendable {
    private static let limit = 1 << 20

    let path: FilePath

    init(_ folder: JobFolder) { path = folder.root.appending("stats.jsonl") }

    /// Lines that can't be read are passed over: the last one may be half written.
    func read() -> UsageSeries {
        guard let bytes = try? AtomicFile.read(path, limit: Self.limit) else { return UsageSeries() }  // not there yet
        let points = bytes.split(separator: 10).compactMap { try? JSONText.decode(UsagePoint.self, Array($0)) }
        return UsageSeries(Array(points.suffix(UsageSeries.limit)))
    }

    /// Adds the newest point, or writes all again when older ones went.
    func write(_ series: UsageSeries) throws {
        guard !series.isThinned else {
            var bytes: [UInt8] = []
            for point in series.points { bytes += try JSONText.bytes(point) + [10] }
            return try AtomicFile.write(
                bytes, to: path, permissions: [.ownerReadWrite, .groupRead], durable: false)
        }
        guard let last = series.points.last else { return }
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .append, .closeOnExec, .noFollow],
            permissions: [.ownerReadWrite, .groupRead])
        _ = try file.closeAfter { try file.writeAll(try JSONText.bytes(last) + [10]) }
    }
}
