import RucheCore
import RucheHost
import SystemPackage

/// The disk of one machine: a thin layer over the image's file, in the machine's folder.
struct OverlayDisk: Sendable {
    static let file = "disk.qcow2"

    let spec: InstanceSpec
    let runner: any CommandRunning

    /// Throws `invalid_input` for an image that can't be used, and for a size that is smaller than the image's.
    func create() async throws {
        guard case .disk(let image, let format) = spec.image else { return }
        _ = try await DiskImage.inspect(for: spec, runner)
        let size = spec.disk.map { ["\($0.bytes)"] } ?? []
        try await run(["create", "-q", "-f", "qcow2", "-b", image.string, "-F", format.rawValue, Self.file] + size)
    }

    // MARK: Snapshots of a machine that does not run

    func snapshot(as name: String) async throws { try await run(["snapshot", "-c", name, Self.file]) }

    func restore(to name: String) async throws { try await run(["snapshot", "-a", name, Self.file]) }

    private func run(_ arguments: [String]) async throws {
        do {
            try await runner.runChecked(Command(Tool.qemuImage.name, arguments, workingDirectory: spec.folder))
        } catch let failure as ProcessFailure {
            let isFull = failure.errorTail.contains("No space left")
            throw RucheError(isFull ? .diskFull : .internalError, "\(failure)", cause: failure)
        }
    }
}
