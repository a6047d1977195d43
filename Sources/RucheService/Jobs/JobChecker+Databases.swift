import RucheCore
import RucheHost
import RucheStore
import SystemPackage

extension JobChecker {
    private static let referenceFileLimit = 10_000

    /// The reference databases that a job asks for, each in one version: the newest when none is named.
    func check(_ submission: JobSubmission, _ problems: inout [Problem]) async throws -> [ReferenceDatabase] {
        var found: [ReferenceDatabase] = []
        if !submission.references.isEmpty, submission.databases != nil {
            problems.append(
                Problem(path: "references", message: "a job has a folder of databases or references, not both"))
        }
        for (index, text) in submission.references.enumerated() {
            let path = "references[\(index)]"
            guard let reference = DatabaseReference(text) else {
                problems.append(
                    Problem(
                        path: path, message: "this is no name of a reference database", found: String(text.prefix(80)),
                        allowed: DatabaseReference.rule))
                continue
            }
            guard let database = try await database(reference, path, &problems) else { continue }
            if let expected = submission.expectedReferences[reference], database.digest != expected {
                problems.append(
                    Problem(
                        path: path, message: "the reference database is not the same any more",
                        found: "\(database.digest)", allowed: "\(expected)"))
            }
            if !found.contains(database) { found.append(database) }
        }
        return found
    }

    /// Adds those that the pipeline names. A job's own choice of a version stands for one that the pipeline leaves
    /// open, and its folder of databases for all of them.
    func add(
        _ contract: [DatabaseReference], _ submission: JobSubmission, to found: inout [ReferenceDatabase],
        _ problems: inout [Problem]
    ) async throws {
        guard submission.databases == nil else { return }
        let chosen = Set(found.map(\.name))
        for (index, reference) in contract.enumerated() {
            if reference.version == nil, chosen.contains(reference.name) { continue }
            let database = try await database(reference, "pipeline.references[\(index)]", &problems)
            if let database, !found.contains(database) { found.append(database) }
        }
    }

    private func database(
        _ reference: DatabaseReference, _ path: String, _ problems: inout [Problem]
    ) async throws -> ReferenceDatabase? {
        let rows = try await configuration.database.read {
            try ReferenceDatabaseRepository($0).databases(name: reference.name)
        }
        let row = rows.first { reference.version == nil || $0.version == reference.version }
        if let database = row.flatMap(ReferenceDatabase.init) { return database }
        let known = rows.map(\.version).joined(separator: ", ")
        problems.append(
            Problem(
                path: path, message: "there is no such reference database", found: "\(reference)",
                allowed: known.isEmpty ? nil : "one of the versions \(known)"))
        return nil
    }

    /// What the magic lists of a form hold of references: the names, and every file as `name/version/path`.
    func lists(_ references: [ReferenceDatabase]) -> (names: [String], files: [String]) {
        var names: [String] = []
        var files: [String] = []
        for database in references {
            if !names.contains(database.name) { names.append(database.name) }
            let folder = ReferenceDatabaseService.folder(configuration.data, database.name, database.version)
            // What can't be read is no choice; the job would fail with it in any case.
            try? FolderWalk.visit(folder) { entry in
                guard entry.isRegular, files.count < Self.referenceFileLimit else { return }
                files.append("\(database.name)/\(database.version)/\(entry.path)")
            }
        }
        return (names, files)
    }
}
