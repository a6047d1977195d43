import ArgumentParser

struct BundleGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle", abstract: "Carry releases on a disk to a machine without a network.",
        subcommands: [BundleCreate.self, BundleLoad.self])
}
