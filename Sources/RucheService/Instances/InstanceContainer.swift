import RucheBuild
package import RucheCore
import RucheImages

/// What a container instance is made of and how it runs: all that a start needs, should the release have gone.
package struct InstanceContainer: Hashable, Sendable, Codable {
    /// Digest of the image's manifest.
    package var image: Digest
    var layers: [ReleaseImage.Layer]
    package var command: [String]
    var environment: [String: String]
    var workingDirectory: String
    /// As the image names it; empty is root.
    package var user: String
    package var capabilities: [ServiceCapability]
    /// What it is asked to end by.
    var stopSignal: Int32

    /// As the recipe and the image say. `name` is one of the service's commands, where somebody chose. Throws
    /// `invalid_input` for a command that is not there or has to be chosen, `unsupported` where there is none.
    init(_ found: ReleaseImageReader.Found, _ recipe: Recipe?, command name: String?, title: String) throws {
        let config = found.config.config
        image = found.digest
        layers = found.layers
        command = try Self.command(recipe?.service, config, name, title)
        var environment = ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]
        for entry in config?.Env ?? [] {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            if parts.count == 2 { environment[parts[0]] = parts[1] }
        }
        self.environment = environment.merging(recipe?.env ?? [:]) { $1 }
        let folder = config?.WorkingDir ?? ""
        workingDirectory = folder.hasPrefix("/") ? folder : "/"
        user = config?.User ?? ""
        capabilities = recipe?.service?.capabilities ?? []
        stopSignal = Self.signal(config?.StopSignal)
    }

    // MARK: Its command

    private static func command(
        _ service: ServiceContract?, _ config: ImageConfig.Execution?, _ name: String?, _ title: String
    ) throws -> [String] {
        let commands = service?.commands ?? [:]
        guard let line = try line(commands, name, title) else {
            let words = (config?.Entrypoint ?? []) + (config?.Cmd ?? [])
            guard words.first?.isEmpty == false else {
                throw RucheError(
                    .unsupported,
                    "\(title) does not say what its containers run: add \"commands\" to \"service\" of its recipe",
                    details: ["release": title])
            }
            return words
        }
        guard let words = ShellWords.split(line), words.first?.isEmpty == false else {
            throw RucheError(.corruptContent, "the command of \(title) can't be read: \(line)")
        }
        return words
    }

    private static func line(_ commands: [String: String], _ name: String?, _ title: String) throws -> String? {
        let known = commands.keys.sorted().joined(separator: ", ")
        guard let name else {
            guard commands.count > 1 else { return commands.first?.value }
            throw RucheError(
                .invalidInput, "\(title) has several commands: choose one",
                problems: [Problem(path: "command", message: "a container runs one of them", allowed: known)])
        }
        guard let line = commands[name] else {
            throw RucheError(
                .invalidInput, "\(title) has no command \"\(name.prefix(80))\"",
                problems: [
                    Problem(
                        path: "command", message: "the service has no such command", found: String(name.prefix(80)),
                        allowed: known.isEmpty ? "none: its image's own is run" : known)
                ])
        }
        return line
    }

    /// By number or by name; TERM for what nobody knows. Numbers are those of Linux (signal(7)).
    private static func signal(_ text: String?) -> Int32 {
        let terminate: Int32 = 15
        guard var name = text?.uppercased() else { return terminate }
        if let number = Int32(name) { return (1...64).contains(number) ? number : terminate }
        if name.hasPrefix("SIG") { name.removeFirst(3) }
        let numbers: [String: Int32] = [
            "HUP": 1, "INT": 2, "QUIT": 3, "KILL": 9, "USR1": 10, "USR2": 12, "TERM": 15, "WINCH": 28, "PWR": 30,
            "RTMIN+3": 37,
        ]
        return numbers[name] ?? terminate
    }
}
