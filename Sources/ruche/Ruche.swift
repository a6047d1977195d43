import ArgumentParser

@main
struct Ruche: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ruche", abstract: "Build, catalogue and run scientific software environments.")
}
