import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct EngineCheck: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what an engine lacks to work here, and how to get it.",
        discussion: """
            Ends with 9 when the engine is not ready; without a name, when none is.

            Examples:
              ruche engine check
              ruche engine check oci-runtime
            """)

    @Argument(help: "The engine; all when not given.")
    var name: String?

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let engines = try await context.withClient { try await $0.engines() }
        let chosen = engines.filter { name == nil || $0.name == name }
        if let name, chosen.isEmpty {
            let known = engines.map(\.name).joined(separator: ", ")
            throw RucheError(.notFound, "there is no engine \"\(name)\"; there are: \(known)")
        }
        try context.output.json(chosen)
        for engine in chosen {
            context.output.quiet("\(engine.name) \(engine.ready ? "ready" : "not-ready")")
            context.output.line("\(engine.name): \(engine.ready ? "ready" : "not ready")", engine.ready ? .green : .red)
            for finding in engine.findings { context.output.line("  \(finding)") }
            for finding in engine.instanceFindings ?? [] { context.output.line("  for instances: \(finding)") }
        }
        guard chosen.contains(where: \.ready) else {
            throw RucheError(
                .engineUnavailable, name.map { "the engine \"\($0)\" is not ready" } ?? "no engine is ready")
        }
    }
}
