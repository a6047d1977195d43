import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

struct PipelineForm: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "form",
        abstract: "Show what may be set for a job of a pipeline.",
        discussion: """
            Examples:
              ruche pipeline form lab/variant-calling
              ruche pipeline form lab/variant-calling --json
            """)

    @Argument(help: "owner/name[:version]", transform: Arguments.release)
    var pipeline: ReleaseReference

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let form = try await context.withClient { try await $0.pipeline(pipeline) }.form
        try context.output.json(form)
        for field in form.fields { context.output.quiet(field.key) }
        if form.fields.isEmpty {
            context.output.note("the pipeline has no parameters")
        } else {
            Self.table(form, context.output)
        }
    }

    static func table(_ form: Form, _ output: Output) {
        output.table(
            [.text("PARAMETER"), .text("TYPE"), .text("DEFAULT"), .text("ALLOWED"), .text("TITLE")],
            form.fields.map { field in
                [
                    field.key + (field.isRequired ? " *" : ""), field.kind.rawValue,
                    field.defaultValue.map { text($0) } ?? "-", allowed(field), field.title ?? "",
                ]
            })
    }

    private static func allowed(_ field: FormField) -> String {
        switch field.choices {
        case .magic(let list)?: return list.summary
        case .listed(let values)?: return values.map { text($0) }.joined(separator: ", ")
        case nil:
            let bounds = [
                field.minimum.map { "≥ \(HumanText.plain($0))" }, field.maximum.map { "≤ \(HumanText.plain($0))" },
            ]
            return bounds.compactMap(\.self).joined(separator: ", ")
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .string(let text): text
        case .integer(let number): "\(number)"
        case .number(let number): HumanText.plain(number)
        case .bool(let flag): flag ? "true" : "false"
        default: "-"
        }
    }
}

extension HumanText {
    /// A number without a needless fraction.
    fileprivate static func plain(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    }
}
