import ArgumentParser
import RucheCore

struct ConfigShow: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print every setting and where its value comes from.",
        discussion: """
            A flag wins over the environment, that over $XDG_CONFIG_HOME/ruche/config.yaml, that over \
            /etc/ruche/ruche.yaml.

            Example:
              ruche config show
            """)

    @OptionGroup(title: "Global options") var global: GlobalOptions

    private struct Entry: Encodable {
        var value: String?
        var origin: String
    }

    func run(_ context: CommandContext) async throws {
        let values = context.settings.values
        try context.output.json(
            Dictionary(
                uniqueKeysWithValues: SettingKey.allCases.map { key in
                    (
                        key.rawValue,
                        Entry(value: values[key]?.text, origin: values[key]?.origin.description ?? "default")
                    )
                }))
        for key in SettingKey.allCases { context.output.quiet("\(key.rawValue)=\(values[key]?.text ?? "")") }
        context.output.table(
            [.text("SETTING"), .text("VALUE"), .text("FROM"), .text("MEANING")],
            SettingKey.allCases.map { key in
                [key.rawValue, values[key]?.text ?? "-", values[key]?.origin.description ?? "default", key.meaning]
            })
    }
}
