import RucheCore
package import RucheHost
package import RucheImages
import SystemPackage

/// Builds with the Docker engine that the operator named, through its own client.
package struct DockerBuilder: DockerfileBuilding {
    private let configuration: DockerfileBuilderConfiguration
    private let runner: any CommandRunning

    package init(_ configuration: DockerfileBuilderConfiguration, runner: any CommandRunning) {
        self.configuration = configuration
        self.runner = runner
    }

    package var baseFormat: ExportFormat { .dockerArchive }

    package func build(
        _ build: DockerfileBuild, onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> ImageSource {
        try Tool.require(.docker)
        // Two builds in one engine must not take each other's image.
        let name = "ruche-package-\(String(UInt64.random(in: .min ... .max), radix: 16)):latest"
        for base in build.bases {
            _ = try await run(["load", "--quiet", "--input", base.archive.string], build, onLine)
        }
        let archive = build.scratch.appending("image.tar")
        do {
            _ = try await run(arguments(name, build), build, onLine)
            _ = try await run(["save", "--output", archive.string, name], build, onLine)
        } catch {
            await remove([name], build)
            throw error
        }
        await remove([name], build)
        return .dockerArchive(archive)
    }

    /// The classic builder: it alone takes limits.
    private func arguments(_ name: String, _ build: DockerfileBuild) -> [String] {
        [
            "build", "--no-cache", "--force-rm", "--memory", "\(configuration.memory.bytes)", "--memory-swap",
            "\(configuration.memory.bytes)", "--ulimit", "nproc=\(configuration.processes)", "--network",
            configuration.allowsNetwork ? "default" : "none", "--tag", name, build.context.string,
        ]
    }

    /// What stays in the engine is only a waste of its disk. Bases stay: the engine's owner may have them in use.
    private func remove(_ names: [String], _ build: DockerfileBuild) async {
        _ = try? await run(["image", "rm", "--force"] + names, build) { _ in }
    }

    private func run(
        _ arguments: [String], _ build: DockerfileBuild, _ onLine: @escaping @Sendable (OutputLine) -> Void
    ) async throws -> CommandResult {
        var environment = ["HOME": build.scratch.string, "DOCKER_BUILDKIT": "0"]
        environment["DOCKER_HOST"] = configuration.dockerHost
        return try await DockerfileCommand.run(
            Command("docker", arguments, environment: environment), runner, seconds: configuration.time, onLine)
    }
}
