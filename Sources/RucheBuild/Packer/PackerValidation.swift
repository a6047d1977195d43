package import RucheCore
package import RucheHost
import RucheImages
package import SystemPackage

/// What Packer itself says of a template, without running it: it knows the keys of its builders.
package struct PackerValidation: Sendable {
    private let runner: any CommandRunning

    package init(runner: any CommandRunning) { self.runner = runner }

    /// Nothing where Packer is not installed. `file` is the template as the user knows it.
    package func problems(of recipe: Recipe, _ packer: PackerSource, in folder: FilePath, file: String) async throws
        -> [Problem]
    {
        guard Tool.find(Tool.packer.name) != nil else { return [] }
        let contract = recipe.packer ?? PackerContract()
        let template = FilePath(packer.path)
        let result = try await TemporaryDirectory.with(in: "/tmp", prefix: "ruche-packer") { scratch in
            // Secrets are not known here, and it is enough that they are there.
            let secrets = Dictionary(contract.secrets.map { ($0, "secret") }) { first, _ in first }
            let variables = scratch.appending("variables.json")
            try AtomicFile.write(
                try CanonicalJSON.encode(packer.values.merging(secrets) { $1 }), to: variables,
                permissions: [.ownerReadWrite], durable: false)
            let arguments =
                ["validate", "-var-file=\(variables)"] + (contract.builder.map { ["-only=\($0)"] } ?? [])
                + [template.lastComponent?.string ?? packer.path]
            let environment = [
                "HOME": scratch.string, "TMPDIR": scratch.string, "PACKER_CONFIG_DIR": scratch.string,
                "PACKER_CACHE_DIR": scratch.string, "CHECKPOINT_DISABLE": "1", "PACKER_NO_COLOR": "1",
            ]
            return try await runner.run(
                Command(
                    Tool.packer.name, arguments, environment: environment,
                    workingDirectory: folder.pushing(template.removingLastComponent())), onLine: nil)
        }
        guard !result.status.isSuccess else { return [] }
        return Self.problems(in: result.output + "\n" + result.errorTail, packer.template, file)
    }

    /// One of each "Error:" with what is below it.
    static func problems(in text: String, _ template: PackerTemplate, _ file: String) -> [Problem] {
        let blocks = text.replacing(/(?:^|\n)Warning:(?s:.*?)(?=\nError:|$)/, with: "")
            .split(separator: /(?:^|\n)Error:/).map { block in
                block.split(separator: "\n").map { $0.drop { " \t*".contains($0) } }
                    .filter { !$0.isEmpty && !$0.hasPrefix("Template validation failed") }
                    .filter { $0.wholeMatch(of: /[0-9]+ error(?:s|\(s\))? occurred:/) == nil }.joined(separator: ": ")
            }
        let found = blocks.filter { !$0.isEmpty }
        return (found.isEmpty ? ["it says no more"] : found).map { message in
            let builder = template.builders.first { message.contains("build: \"\($0.name)\"") }
            return Problem(
                file: file, line: builder?.place.line, column: builder?.place.column, path: "",
                message: "packer validate: \(message.prefix(500))")
        }
    }
}
