import ArgumentParser
import RucheClient
import RucheCore
import SystemPackage

struct BundleLoad: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Put the releases of a file into the catalogue.",
        discussion: """
            Every blob is compared with its digest, and a release is there when all of it is. What is there already \
            is not written again. An environment that is new is private until it is made public.

            Examples:
              ruche bundle load /media/disk/lab.bundle
            """)

    @Argument(help: "What \"ruche bundle create\" wrote.", completion: .file())
    var file: String

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let path = context.environment.absolute(file)
        let meter = Meter("loading \(path.lastComponent?.string ?? file)", unit: .bytes)
        let outcomes = try await context.withClient { client in
            try await meter.show(on: context.output) {
                try await BundleLoader(client).load(path) { meter.set($0, of: $1) }
            }
        }
        for outcome in outcomes { try Copying.tell(outcome, "loaded", context.output) }
    }
}
