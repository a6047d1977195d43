import RucheCore
import RucheHost
import RucheStore
import SystemPackage

extension JobChecker {
    private static let referenceFileLimit = 10_000

    /// The reference databases that a job asks for, each in one version: the newest when none is named.
    func check(references: [String], databases: String?, _ problems: inout [Problem]) async throws
        -> [ReferenceDatabase]
    {
        var found: [ReferenceDatabase] = []
        if !references.isEmpty, databases != nil {
            problems.append(
                Problem(path: "references", message: "a job has a folder of databases or references, not both"))
        }
        for (index, text) in references.enumerated() {
            let path = "references[\(index)]"
            guard let reference = DatabaseReference(text) else {
                problems.append(
                    Problem(
                        path: path, message: "this is no name of a reference database", found: String(text.prefix(80)),
                        allowed: "NAME[:VERSION]"))
                continue
            }
            let rows = try await configuration.database.read {
                try ReferenceDatabaseRepository($0).databases(name: reference.name)
            }
            let row = rows.first { reference.version == nil || $0.version == reference.version }
            guard let database = row.flatMap(ReferenceDatabase.init) else {
                let known = rows.map(\.version).joined(separator: ", ")
                problems.append(
                    Problem(
                        path: path, message: "there is no such reference database", found: text,
                        allowed: known.isEmpty ? nil : "one of the versions \(known)"))
                continue
            }
            if !found.contains(database) { found.append(database) }
        }
        return found
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
