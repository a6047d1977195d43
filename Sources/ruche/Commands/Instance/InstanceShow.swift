import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct InstanceShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show one instance.",
        discussion: """
            Example:
              ruche instance show hub
            """)

    @Argument(help: "The instance.")
    var instance: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let found = try await context.withClient { try await InstanceTarget.find(instance, $0) }
        try context.output.json(found)
        context.output.quiet(found.state.rawValue)
        show(found, context.output)
    }

    private func show(_ instance: InstanceDocument, _ output: Output) {
        func time(_ value: Int64?) -> String? { value.map { HumanText.timestamp($0) } }
        output.fields([
            ("instance", instance.id.description), ("name", instance.name), ("owner", instance.owner.description),
            ("release", instance.release), ("digest", instance.releaseDigest.description),
            ("engine", instance.engine), ("state", instance.state.rawValue), ("reason", instance.reason),
            ("cpus", "\(instance.cpus)"), ("memory", instance.memory.description),
            ("disk", instance.disk?.description), ("firmware", instance.firmware?.rawValue), ("url", instance.url),
            ("ports", Self.list(instance.ports.map { "\($0.address):\($0.host) -> \($0.guest)" })),
            ("shares", Self.list(instance.shares.map { "\($0.source) -> \($0.target)" })),
            ("emulated", instance.emulation), ("created", time(instance.createdAt)),
            ("started", time(instance.startedAt)), ("ready", time(instance.readyAt)),
            ("stopped", time(instance.stoppedAt)), ("stops", time(instance.leaseEnd)), ("folder", instance.folder),
            ("container", instance.entrance?.container),
        ])
        if !instance.stages.isEmpty {
            output.line()
            output.table(
                [.text("STAGE"), .number("AFTER"), .text("NOTE")],
                instance.stages.map { [$0.kind.rawValue, HumanText.duration($0.seconds), $0.note ?? ""] })
        }
        if !instance.snapshots.isEmpty {
            output.line()
            output.table(
                [.text("SNAPSHOT"), .text("CREATED")],
                instance.snapshots.map { [$0.name, HumanText.timestamp($0.createdAt)] })
        }
        for line in instance.consoleTail ?? [] { output.warn("  " + Sanitized.line(line), .dim) }
    }

    private static func list(_ texts: [String]) -> String? { texts.isEmpty ? nil : texts.joined(separator: ", ") }
}
