import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheService
import RucheWire
import SystemPackage

/// What the commands have in common that write a recipe for another program.
struct ExportOptions: ParsableArguments {
    /// Environments that start from one another, at most.
    private static let longestChain = 20

    @Argument(help: "owner/name[:version], or its identifier ark:/…", transform: Arguments.target)
    var release: CatalogueTarget

    @Option(
        name: [.customShort("o"), .customLong("output")],
        help: ArgumentHelp("The folder to write; must not exist.", valueName: "folder"), completion: .directory)
    var path: String

    /// Writes the recipe's files and what `make` makes of the recipe.
    func write(
        _ context: CommandContext, _ make: @escaping @Sendable ([RecipePart]) throws -> ExportedProject
    ) async throws {
        let options = self
        try await write(context) { client, folder in
            let parts = try await options.parts(client, in: folder)
            return try make(parts)
        }
    }

    /// Writes a folder whole or not at all. `body` puts into it what is no text of the project.
    func write(
        _ context: CommandContext,
        project body: @escaping @Sendable (APIClient, FilePath) async throws -> ExportedProject
    ) async throws {
        let target = context.environment.absolute(path)
        let parent = target.removingLastComponent()
        guard FileTree.isFolder(parent) else {
            throw RucheError(.notFound, "there is no folder \(parent) to write to")
        }
        guard !FileTree.exists(target) else {
            throw RucheError(.conflict, "\(target) exists already; move it away or name another place")
        }
        let project = try await TemporaryDirectory.with(in: parent, prefix: ".export") { folder in
            let content = folder.appending("content")
            try FileTree.makeFolder(content)
            let project = try await context.withClient { try await body($0, content) }
            for (name, text) in project.files {
                let file = content.pushing(FilePath(name))
                try FileTree.makeFolder(file.removingLastComponent())
                try AtomicFile.write(text.utf8, to: file)
            }
            try AtomicFile.rename(content, to: target)
            return project
        }
        let output = context.output
        try output.json(Written(path: target.string, files: project.files.keys.sorted(), notes: project.notes))
        output.quiet(target.string)
        output.line("wrote \(target)")
        for note in project.notes { output.note(note, .yellow) }
    }

    private struct Written: Encodable {
        var path: String
        var files: [String]
        var notes: [String]
    }

    /// The recipe and those it starts from, lowest first, with their files.
    private func parts(_ client: APIClient, in folder: FilePath) async throws -> [RecipePart] {
        var parts: [RecipePart] = []
        var next: ReleaseReference? = try await client.exact(try await release.release(client))
        while let reference = next {
            guard parts.count < Self.longestChain else {
                throw RucheError(.unsupported, "\(release) starts from more than \(Self.longestChain) environments")
            }
            guard var recipe = try await client.release(reference).recipe else {
                throw RucheError(
                    .notFound, "\(reference) has no recipe: it was not built here, so nothing says how it is made")
            }
            if case .packerTemplate(let path) = recipe.from {
                throw RucheError(
                    .unsupported,
                    "\(reference) is what Packer makes of \(path): take that template, which is in its recipe"
                )
            }
            let name = parts.isEmpty ? "" : "base-\(parts.count)"
            let place = name.isEmpty ? folder : folder.appending(name)
            try await unpack(reference, client, to: place)
            try Self.markFolders(&recipe, place)
            parts.append(
                RecipePart(recipe: recipe, folder: name, requirements: try Self.requirements(recipe, place)))
            next = if case .environment(let text) = recipe.from { try ReleaseReference(parsing: text) } else { nil }
        }
        return parts.reversed()
    }

    private func unpack(_ reference: ReleaseReference, _ client: APIClient, to place: FilePath) async throws {
        let bytes = try await client.artifact("recipe", of: reference)
        let tar = FilePath(place.string + ".tar")
        try AtomicFile.write(bytes, to: tar, durable: false)
        try ContextUnpacker().unpack(tar, to: place)
        try FileTree.setMode(place, 0o755)
        try FileTree.remove(tar)
    }

    /// A folder that is copied is told from a file by its slash.
    private static func markFolders(_ recipe: inout Recipe, _ place: FilePath) throws {
        for index in recipe.steps.indices {
            guard case .copy(var step) = recipe.steps[index] else { continue }
            let isFolder = FileTree.isFolder(place.pushing(FilePath(step.from)))
            while step.from.hasSuffix("/") { step.from.removeLast() }
            if isFolder { step.from += "/" }
            recipe.steps[index] = .copy(step)
        }
    }

    private static func requirements(_ recipe: Recipe, _ place: FilePath) throws -> [Int: [String]] {
        var result: [Int: [String]] = [:]
        for (number, step) in recipe.steps.enumerated() {
            guard case .pip(let step) = step else { continue }
            result[number] = try RequirementFiles.all(of: step) { place.pushing($0) }
        }
        return result
    }
}
