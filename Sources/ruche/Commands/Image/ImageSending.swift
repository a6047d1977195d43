import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// Sends an image or a disk that becomes a release, and tells what came of it.
struct ImageSending {
    let context: CommandContext
    let name: EnvironmentName
    let version: String
    /// Found out by the server when it is nil.
    let format: String?

    func run(_ path: FilePath) async throws {
        let file = path.lastComponent?.string ?? path.string
        let meter = Meter("sending \(file)", unit: .bytes)
        let work = Meter("importing \(file)", unit: .parts, total: 1000)
        let sending = self
        let result = try await Ticker.run(context.output.liveRegion(), { meter.lines() + work.lines() }) {
            try await sending.context.withClient { client in
                let upload = try Upload.file(path) { meter.set($0, of: $1) }
                let operation = try await client.importRelease(
                    upload, name: sending.name, version: sending.version, format: sending.format)
                sending.context.interrupts.onFirst {
                    await OperationEnd.cancel(operation.id, client, sending.context.output)
                }
                work.start()
                let end = try await OperationEnd.follow(operation, client) { work.set(Int64($0 * 1000)) }
                return try OperationEnd.result(of: end)
            }
        }
        let output = context.output
        try output.json(result)
        output.quiet("\(name):\(version)")
        output.line("imported \(name):\(version)")
        tell(result, output)
    }

    /// What was found on a disk.
    private func tell(_ result: JSONValue, _ output: Output) {
        guard let capacity = result["capacity"]?.doubleValue else { return }
        let kernels = result["kernels"]?.arrayValue?.compactMap(\.stringValue) ?? []
        let parts = [
            result["system"]?.stringValue, result["architecture"]?.stringValue,
            "disk of \(HumanText.size(Int64(capacity)))",
            kernels.isEmpty ? nil : "kernel \(kernels.joined(separator: ", "))",
            result["packages"]?.doubleValue.map { HumanText.count(Int($0), "package") },
        ]
        output.line(parts.compactMap(\.self).joined(separator: "; "), .dim)
        for note in result["notes"]?.arrayValue ?? [] { output.note(note.stringValue ?? "", .yellow) }
    }
}
