import Glibc
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// The input files of a job, checked before anything is sent.
struct JobInputs: Sendable {
    let files: [FilePath]
    /// Files that the site has, by `file:ID` or by digest.
    let known: [Known]

    enum Known: Hashable, Sendable {
        case id(Identifier)
        case digest(Digest)

        init?(_ text: String) {
            if let digest = Digest(text) {
                self = .digest(digest)
            } else if text.hasPrefix("file:"),
                let id = Identifier(text.dropFirst(5))
            {
                self = .id(id)
            } else {
                return nil
            }
        }
    }

    /// Throws `not_found` or `invalid_input` with one problem a file.
    init(_ paths: [String], _ environment: ProcessEnvironment) throws {
        known = paths.compactMap { Known($0) }
        files = paths.filter { Known($0) == nil }.map { environment.absolute($0) }
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

    /// By path when the server is on this machine. Else an upload is begun for each, which the job waits for: it is
    /// checked before the first byte is sent.
    func requests(
        _ client: APIClient, _ context: CommandContext
    ) async throws -> (inputs: [JobRequest.Input], sending: FileSending?) {
        let inputs = try await requests(client)
        if files.isEmpty || context.isLocal {
            return (inputs + files.map { JobRequest.Input(name: $0.lastComponent?.string ?? "", path: $0.string) }, nil)
        }
        let sending = try await FileSending.begin(files, client)
        let sent = sending.items.map { item in
            var input = JobRequest.Input(name: item.name)
            input.upload = item.upload
            return input
        }
        return (inputs + sent, sending)
    }

    /// Begins the job, with nothing left of the uploads when it is refused.
    static func start(
        _ request: JobRequest, _ sending: FileSending?, _ client: APIClient
    ) async throws -> JobDocument {
        do { return try await client.startJob(request) } catch {
            await sending?.drop(client)
            throw error
        }
    }

    /// Files that the site has, under the names that they have there.
    private func requests(_ client: APIClient) async throws -> [JobRequest.Input] {
        var inputs: [JobRequest.Input] = []
        for one in known {
            switch one {
            case .id(let id):
                var input = JobRequest.Input(name: try await client.file(id).name)
                input.id = id
                inputs.append(input)
            case .digest(let digest):
                var selection = APIClient.FileSelection()
                selection.digest = digest
                guard let file = try await client.files(selection, limit: 1).first else {
                    throw RucheError(.notFound, "there is no file with the content \(digest)")
                }
                inputs.append(JobRequest.Input(name: file.name, file: digest))
            }
        }
        return inputs
    }
}
