package import RucheCore
import RucheHost
import RucheImages
package import SystemPackage

/// A workbench and the files of its pipeline, put side by side as a recipe that starts from the workbench's root.
package struct PackagingStage: Sendable {
    /// The recipe's folder: `ruche.yaml`, `root.tar`, the form and the documents.
    package let folder: FilePath
    package let document: RecipeDocument
    package let record: WorkbenchRecord

    package static let rootName = "root.tar"
    package static let documentNames = [
        "README", "README.md", "README.txt", "LICENSE", "LICENSE.md", "LICENSE.txt", "doc",
    ]

    package var recipe: Recipe { document.recipe }
    package var root: FilePath { folder.appending(Self.rootName) }

    /// Checks the recipe of the project, then archives the root. `name` and `version` replace those of the recipe.
    package static func make(
        _ workbench: any Workbench, name: EnvironmentName?, version: String?, in folder: FilePath
    ) async throws -> PackagingStage {
        let record = workbench.record
        let project = FilePath(record.project)
        try FileTree.makeFolder(folder)
        let file = project.appending(RecipeFolder.fileName)
        // The recipe as its author wrote it, so that problems have the right places.
        guard let contract = try RecipeFolder.load(project).document.recipe.pipeline else {
            throw RucheError(
                .invalidRecipe, "the recipe \(file) has no \"pipeline:\", so there is no job to run")
        }
        try check(contract, record, file)
        let bytes = try AtomicFile.read(file, limit: 1 << 20)
        var text = RecipeText(String(decoding: bytes, as: UTF8.self))
        text.replace("from", with: "from: tar:\(rootName)")
        for key in ["steps", "mirror", "snapshot", "base_max_age"] { text.replace(key, with: nil) }
        if let name { text.replace("name", with: "name: \(name)") }
        if let version { text.replace("version", with: "version: \"\(version)\"") }
        try AtomicFile.write(Array(text.text.utf8), to: folder.appending(RecipeFolder.fileName), durable: false)
        // There before it is filled, so that the recipe is checked before the work.
        try AtomicFile.write([], to: folder.appending(rootName), durable: false)
        try await copyDocuments(from: project, form: contract.form, to: folder)
        let document = try RecipeFolder.load(folder).document
        let stage = PackagingStage(folder: folder, document: document, record: record)
        try await workbench.withRoot { layers in
            let tar = try FileDescriptor.open(stage.root, .writeOnly, options: [.truncate, .closeOnExec])
            do {
                try await LayerArchiver().writeMerged(layers) { try tar.writeAll($0) }
            } catch {
                try? tar.close()  // the error above is the one to report
                throw error
            }
            try tar.close()
        }
        return stage
    }

    private static func check(_ contract: PipelineContract, _ record: WorkbenchRecord, _ file: FilePath) throws {
        let folders = record.folders
        let pairs = [
            ("inputs", contract.inputs, folders.inputs), ("outputs", contract.outputs, folders.outputs),
            ("logs", contract.logs, folders.logs), ("databases", contract.databases, folders.databases),
        ]
        let problems = pairs.filter { $0.1 != $0.2 }.map {
            Problem(
                file: file.string, path: "pipeline.\($0.0)", message: "is not the folder that the workbench has",
                found: "\"\($0.1)\"", allowed: $0.2)
        }
        guard problems.isEmpty else {
            throw RucheError(
                .invalidRecipe, "the recipe \(file) does not fit the workbench \(record.name)", problems: problems)
        }
    }

    private static func copyDocuments(from project: FilePath, form: String?, to folder: FilePath) async throws {
        let names = documentNames + [form].compactMap(\.self)
        for name in names {
            let source = project.pushing(FilePath(name))
            guard FileTree.exists(source) else { continue }
            let target = folder.pushing(FilePath(name))
            try FileTree.makeFolder(target.removingLastComponent())
            try await SystemCommandRunner().runChecked(Command("cp", ["-rL", "--", source.string, target.string]))
        }
    }
}
