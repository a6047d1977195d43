import Glibc
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// The input files of a job, checked before anything is sent.
struct JobInputs: Sendable {
    let files: [FilePath]

    /// Throws `not_found` or `invalid_input` with one problem a file.
    init(_ paths: [String], _ environment: ProcessEnvironment) throws {
        files = paths.map { environment.absolute($0) }
        var problems: [Problem] = []
        var names: Set<String> = []
        for (index, file) in files.enumerated() {
            var status = stat()
            let path = "input[\(index)]"
            if stat(file.string, &status) != 0 {
                problems.append(Problem(path: path, message: "\(file) does not exist or can't be read"))
            } else if status.st_mode & S_IFMT != S_IFREG {
                problems.append(Problem(path: path, message: "\(file) is not a regular file"))
            }
            if !names.insert(file.lastComponent?.string ?? "").inserted {
                problems.append(Problem(path: path, message: "another input has the name of \(file) too"))
            }
        }
        guard problems.isEmpty else {
            throw RucheError(
                .invalidInput, "\(HumanText.count(problems.count, "input")) can't be used", problems: problems)
        }
    }

    /// By path when the server is on this machine, else each is sent first.
    func requests(_ client: APIClient, _ context: CommandContext) async throws -> [JobRequest.Input] {
        if context.isLocal {
            return files.map { JobRequest.Input(name: $0.lastComponent?.string ?? "", path: $0.string) }
        }
        var inputs: [JobRequest.Input] = []
        for file in files {
            let name = file.lastComponent?.string ?? ""
            let meter = Meter("sending \(name)", unit: .bytes)
            let sent = try await meter.show(on: context.output) {
                try await client.uploadFile(try Upload.file(file) { meter.set($0, of: $1) }, name: name)
            }
            inputs.append(JobRequest.Input(name: name, file: sent.digest))
        }
        return inputs
    }
}
