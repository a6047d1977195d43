import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheImages
import RucheStore
import SystemPackage

/// Checks a submission whole, before anything of it starts, and says everything that is wrong at once.
struct JobChecker: Sendable {
    /// A submission that can run.
    struct Accepted: Sendable {
        var release: Release
        var inputs: [JobInput]
        var parameters: [String: JSONValue]
        var limits: ResourceLimits
        var references: [ReferenceDatabase]
    }

    private static let inputLimit = 10_000
    private static let databaseFileLimit = 10_000

    let configuration: JobServiceConfiguration
    /// What a release says, such as it was read before.
    let package: @Sendable (Release) async throws -> PipelinePackage

    /// Throws `invalid_form` when only form values are wrong, else `invalid_input`, with all problems. A release
    /// that can't be used throws its own error when it is the only problem.
    func check(_ submission: JobSubmission, also others: [Problem] = []) async throws -> Accepted {
        var problems = others
        let inputs = try await check(submission.inputs, submission.owner, &problems)
        check(databases: submission.databases, &problems)
        var references = try await check(submission, &problems)
        let found: (release: Release, package: PipelinePackage)
        do {
            found = try await release(submission.release)
        } catch let error as RucheError where !problems.isEmpty {
            problems.append(Problem(path: "release", message: error.message, found: submission.release))
            throw Self.refusal(.invalidInput, problems)
        }
        try await add(found.package.contract.references ?? [], submission, to: &references, &problems)
        let limits = merged(submission.limits, found.package.contract.limits)
        check(limits, &problems)
        let others = problems.count
        let asked = submission.inputs.map(\.name)
        // Companions are inputs as well.
        let names = asked + inputs.map(\.name).filter { !asked.contains($0) }
        let parameters = try check(submission, names, references, found.package, &problems)
        guard problems.isEmpty else { throw Self.refusal(others == 0 ? .invalidForm : .invalidInput, problems) }
        return Accepted(
            release: found.release, inputs: inputs, parameters: parameters, limits: limits,
            references: references)
    }

    private func release(_ text: String) async throws -> (release: Release, package: PipelinePackage) {
        let release = try await configuration.releases.resolve(ReleaseReference(parsing: text))
        return (release, try await package(release))
    }

    private static func refusal(_ code: ErrorCode, _ problems: [Problem]) -> RucheError {
        let count = problems.count == 1 ? "1 problem" : "\(problems.count) problems"
        return RucheError(code, "the job can't be started: \(count)", problems: problems)
    }

    // MARK: Inputs

    private func check(
        _ inputs: [JobSubmission.Input], _ owner: OwnerName, _ problems: inout [Problem]
    ) async throws -> [JobInput] {
        guard inputs.count <= Self.inputLimit else {
            problems.append(
                Problem(
                    path: "inputs", message: "too many inputs", found: String(inputs.count),
                    allowed: "at most \(Self.inputLimit)"))
            return []
        }
        var accepted: [JobInput] = []
        var names: Set<String> = []
        for (index, input) in inputs.enumerated() {
            let path = "inputs[\(index)]"
            if let problem = FileName.problem(input.name, path: "\(path).name") {
                problems.append(problem)
            } else if input.name == FileName.reserved {
                problems.append(
                    Problem(path: "\(path).name", message: "the name is the job configuration's", found: input.name))
            } else if !names.insert(input.name).inserted {
                problems.append(
                    Problem(path: "\(path).name", message: "two inputs have the same name", found: input.name))
            }
            accepted += try await check(input, path, owner, &names, &problems)
        }
        return accepted
    }

    func check(
        _ input: JobSubmission.Input, _ path: String, _ problems: inout [Problem]
    ) async throws -> JobInput? {
        switch (input.path, input.file) {
        case (let file?, nil): return try await check(file: file, input, path, &problems)
        case (nil, let digest?): return try await check(upload: digest, input, path, &problems)
        default:
            problems.append(
                Problem(
                    path: path,
                    message: "an input is given by \"path\", \"file\", \"id\" or \"upload\", one of them"))
            return nil
        }
    }

    func check(
        file: String, _ input: JobSubmission.Input, _ path: String, _ problems: inout [Problem]
    ) async throws -> JobInput? {
        func problem(_ message: String, allowed: String? = nil) -> JobInput? {
            problems.append(Problem(path: "\(path).path", message: message, found: file, allowed: allowed))
            return nil
        }
        guard file.hasPrefix("/"), !file.utf8.contains(0) else {
            return problem("the path is not absolute", allowed: "a path that begins with \"/\"")
        }
        var status = stat()
        guard stat(file, &status) == 0 else {
            return problem(errno == ENOENT ? "there is no such file" : "the file can't be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else { return problem("this is no regular file") }
        guard access(file, R_OK) == 0 else { return problem("the file can't be read: permission denied") }
        var result = JobInput(name: input.name, path: file, size: Int64(status.st_size))
        result.identity = FileIdentity(status)
        if let expected = input.expected {
            let digest = try await FileHasher.digest(path: FilePath(file), identity: result.identity)
            guard digest == expected else {
                return problem("the file is not the same any more: its content is \(digest)", allowed: "\(expected)")
            }
            result.digest = digest
        }
        return result
    }

    private func check(
        upload digest: Digest, _ input: JobSubmission.Input, _ path: String, _ problems: inout [Problem]
    ) async throws -> JobInput? {
        let rows = try await configuration.database.read {
            try FileRepository($0).uploads(digest: digest.description)
        }
        // Only what was uploaded as a file may be named: the store also holds what others may not read.
        guard !rows.isEmpty, let size = try await configuration.content.size(of: digest) else {
            problems.append(
                Problem(
                    path: "\(path).file", message: "there is no uploaded file with this content", found: "\(digest)"))
            return nil
        }
        return JobInput(name: input.name, file: digest, size: size.bytes, digest: digest)
    }

    // MARK: Databases, limits, form

    private func check(databases: String?, _ problems: inout [Problem]) {
        guard let databases else { return }
        if !databases.hasPrefix("/") || !FileTree.isFolder(FilePath(databases)) {
            problems.append(
                Problem(
                    path: "databases", message: "there is no such folder", found: databases,
                    allowed: "the absolute path of a folder"))
        }
    }

    private func merged(_ asked: ResourceLimits?, _ contract: ResourceLimits) -> ResourceLimits {
        let site = configuration.defaultLimits
        return ResourceLimits(
            cpus: asked?.cpus ?? contract.cpus ?? site.cpus, memory: asked?.memory ?? contract.memory ?? site.memory,
            processes: asked?.processes ?? contract.processes ?? site.processes,
            disk: asked?.disk ?? contract.disk ?? site.disk, time: asked?.time ?? contract.time ?? site.time)
    }

    private func check(_ limits: ResourceLimits, _ problems: inout [Problem]) {
        func require(_ isGood: Bool?, _ key: String, _ found: String, _ allowed: String) {
            guard isGood == false else { return }
            problems.append(
                Problem(path: "limits.\(key)", message: "the limit is out of range", found: found, allowed: allowed))
        }
        require(
            limits.cpus.map { (0.01...4096).contains($0) }, "cpus", "\(limits.cpus ?? 0)", "0.01 to 4096")
        require(
            limits.memory.map { $0.bytes >= 4 << 20 }, "memory", "\(limits.memory?.bytes ?? 0)", "4 MiB and more")
        require(
            limits.processes.map { (1...4_194_304).contains($0) }, "processes", "\(limits.processes ?? 0)",
            "1 to 4194304")
        require(limits.disk.map { $0.bytes >= 1 << 20 }, "disk", "\(limits.disk?.bytes ?? 0)", "1 MiB and more")
        require(
            limits.time.map { (1...31_536_000).contains($0) }, "time", "\(limits.time ?? 0)",
            "1 second to 365 days")
    }

    private func check(
        _ submission: JobSubmission, _ inputs: [String], _ references: [ReferenceDatabase], _ package: PipelinePackage,
        _ problems: inout [Problem]
    ) throws -> [String: JSONValue] {
        let databases = submission.databases.map { FilePath($0) }
        let lists = lists(references)
        let result = try JobForm.check(
            package.form, values: submission.parameters, inputs: inputs,
            databases: databases.map(Self.folders) ?? lists.names,
            databaseFiles: databases.map(Self.files) ?? lists.files)
        problems += result.problems
        return result.values
    }

    /// Names of the reference folders, such as `hg19`.
    private static func folders(_ root: FilePath) -> [String] {
        let names = (try? FileTree.names(in: root)) ?? []  // a missing folder is a problem of its own
        return names.filter { !$0.hasPrefix(".") && FileTree.isFolder(root.appending($0)) }
    }

    private static func files(_ root: FilePath) -> [String] {
        var files: [String] = []
        try? FolderWalk.visit(root) { entry in  // as above
            if entry.isRegular, files.count < databaseFileLimit { files.append(entry.path) }
        }
        return files
    }
}
