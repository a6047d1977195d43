import RucheCore
import RucheImages
import RucheStore
import SystemPackage

extension JobChecker {
    /// One input as it was asked for: by `id` it brings its companions along.
    func check(
        _ input: JobSubmission.Input, _ path: String, _ owner: OwnerName, _ names: inout Set<String>,
        _ problems: inout [Problem]
    ) async throws -> [JobInput] {
        let isAlone = input.path == nil && input.file == nil
        if let id = input.id, isAlone, input.upload == nil {
            return try await check(id: id, input, path, owner, &names, &problems)
        }
        if let upload = input.upload, isAlone, input.id == nil {
            return try await check(upload: upload, input, path, owner, &problems).map { [$0] } ?? []
        }
        if input.id != nil || input.upload != nil {
            problems.append(
                Problem(
                    path: path, message: "an input is given by \"path\", \"file\", \"id\" or \"upload\", one of them"))
            return []
        }
        return try await check(input, path, &problems).map { [$0] } ?? []
    }

    private func check(
        id: Identifier, _ input: JobSubmission.Input, _ path: String, _ owner: OwnerName, _ names: inout Set<String>,
        _ problems: inout [Problem]
    ) async throws -> [JobInput] {
        let (file, companions) = try await configuration.database.read { connection in
            let files = FileRepository(connection)
            return (try files.file(id.description), try files.companions(of: id.description))
        }
        guard let file, file.owner == owner.description else {
            problems.append(
                Problem(path: "\(path).id", message: "there is no such file of \(owner)", found: "\(id)"))
            return []
        }
        var inputs: [JobInput] = []
        for row in [file] + companions {
            let isCompanion = row.id != file.id
            if isCompanion, !names.insert(row.name).inserted {
                problems.append(
                    Problem(
                        path: "\(path).id", message: "a companion has the name of another input", found: row.name))
            }
            let name = isCompanion ? row.name : input.name
            if row.origin == FileRow.output {
                inputs += try await check(output: row, name: name, path, &problems)
                continue
            }
            guard let digest = Digest(row.digest), try await configuration.content.size(of: digest) != nil else {
                problems.append(
                    Problem(path: "\(path).id", message: "the content of \(row.name) is not here", found: row.digest))
                continue
            }
            inputs.append(JobInput(name: name, file: digest, size: row.size, digest: digest))
        }
        return inputs
    }

    /// The output of another job is read where it is.
    private func check(
        output row: FileRow, name: String, _ path: String, _ problems: inout [Problem]
    ) async throws -> [JobInput] {
        guard let job = row.job.flatMap({ Identifier($0) }), let output = row.path else { return [] }
        let place = JobFolder(data: configuration.data, id: job).outputs.pushing(FilePath(output))
        let input = JobSubmission.Input(name: name, path: place.string)
        return try await check(file: place.string, input, path, &problems).map { [$0] } ?? []
    }

    private func check(
        upload: Identifier, _ input: JobSubmission.Input, _ path: String, _ owner: OwnerName,
        _ problems: inout [Problem]
    ) async throws -> JobInput? {
        let row = try await configuration.database.read { try UploadRepository($0).upload(upload.description) }
        guard let row, row.owner == owner.description, row.concat != "partial",
            [.receiving, .complete].contains(row.state)
        else {
            problems.append(
                Problem(path: "\(path).upload", message: "there is no such upload of \(owner)", found: "\(upload)"))
            return nil
        }
        let digest = row.digest.flatMap { Digest($0) }
        var result = JobInput(name: input.name, file: digest, size: row.length ?? 0, digest: digest)
        result.upload = upload
        return result
    }
}
