import RucheHost
import RucheWorkbench

/// The workbenches of this machine, whatever server is talked to.
enum Workbenches {
    static func store(_ context: CommandContext) throws -> WorkbenchStore {
        WorkbenchStore(
            data: context.settings.data, proxies: context.environment.proxies,
            environment: context.environment.engineVariables)
    }

    static func open(_ name: String, _ context: CommandContext) async throws -> any Workbench {
        try await store(context).open(name)
    }
}
