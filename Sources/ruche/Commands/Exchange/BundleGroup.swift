import ArgumentParser

struct BundleGroup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bundle",
        abstract: "Carry releases on a disk to a machine without a network.",
        discussion: """
            Examples:
              ruche bundle create lab/variant-calling:1.0.0 -o /media/disk/lab.bundle
              ruche bundle load /media/disk/lab.bundle
            """,
        subcommands: [BundleCreate.self, BundleLoad.self])
}
