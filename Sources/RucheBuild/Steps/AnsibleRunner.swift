import RucheCore
import RucheHost
import RucheImages
import SystemPackage

/// `ansible:` — runs the machine's ansible-playbook on the step's container.
///
/// A shell in the container takes commands from a shared folder, and a connection plugin puts them there, so
/// that tasks run in the same isolation as any other step and nothing of Ansible is in the image.
struct AnsibleRunner: Sendable {
    let step: AnsibleStep
    let running: RunningStep

    private static let shared = "/run/ruche/ansible"
    private static let agent = "/run/ruche/agent"

    func run() async throws -> [String] {
        try Tool.require(Tool.ansiblePlaybook)
        guard let python = try RootPath.program("python3", in: running.root) else {
            throw RucheError(
                .buildFailed,
                "the image has no python3, which Ansible's tasks need: add an apt step with python3 before")
        }
        let shared = running.scratch.appending("shared")
        try FileTree.makeFolder(shared, permissions: 0o700)
        let agent = running.scratch.appending("agent")
        try AtomicFile.write(Array(AnsibleConnection.agent.utf8), to: agent)
        let container = StepContainer(
            arguments: ["/bin/sh", Self.agent, Self.shared], environment: ["ANSIBLE_REMOTE_TMP": "/tmp"],
            network: true,
            mounts: [
                SandboxSpec.Mount(source: shared, destination: Self.shared, readOnly: false),
                SandboxSpec.Mount(source: agent, destination: Self.agent, readOnly: true),
            ])
        let keeper = LineKeeper(next: running.onLine)
        let result = try await play(try command(python, shared), in: container, shared, keeper)
        if let result { try StepFailure.check(result, "ansible-playbook \(step.playbook)", keeper) }
        return container.mounts.map(\.destination)
    }

    /// How the playbook ended, with the container there for as long as it runs.
    private func play(
        _ command: Command, in container: StepContainer, _ shared: FilePath, _ keeper: LineKeeper
    ) async throws -> ExitStatus? {
        let running = running
        return try await withThrowingTaskGroup(of: ExitStatus?.self) { group in
            group.addTask {
                let status = try await running.run(container)
                // The container ends by itself only when it is told to.
                guard FileTree.exists(shared.appending("quit")) else {
                    throw StepFailure.error("the container of the Ansible step", status)
                }
                return nil
            }
            group.addTask {
                let result = try await running.setting.runner.run(command, onLine: keeper.take)
                try AtomicFile.write([], to: shared.appending("quit"))
                return result.status
            }
            var status: ExitStatus?
            for try await next in group { status = next ?? status }
            return status
        }
    }

    private func command(_ python: String, _ shared: FilePath) throws -> Command {
        let plugins = running.scratch.appending("plugins")
        try FileTree.makeFolder(plugins)
        try AtomicFile.write(Array(AnsibleConnection.plugin.utf8), to: plugins.appending("ruche.py"))
        var variables: [String: JSONValue] = step.extraVars
        variables["ansible_connection"] = "ruche"
        variables["ansible_python_interpreter"] = .string(python)
        let file = running.scratch.appending("extra_vars.json")
        try AtomicFile.write(try CanonicalJSON.encode(variables), to: file)
        // An empty file, so that neither the machine's settings nor the recipe folder's are read.
        let settings = running.scratch.appending("ansible.cfg")
        try AtomicFile.write([], to: settings)
        let playbook = try running.source.locate(step.playbook)
        var environment = [
            "HOME": running.scratch.string, "ANSIBLE_HOME": running.scratch.appending("home").string,
            "ANSIBLE_LOCAL_TEMP": running.scratch.appending("local").string, "ANSIBLE_REMOTE_TEMP": "/tmp/.ansible",
            "ANSIBLE_CONFIG": settings.string, "ANSIBLE_CACHE_PLUGIN": "memory", "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_RETRY_FILES_ENABLED": "0", "ANSIBLE_PIPELINING": "1", "ANSIBLE_HOST_KEY_CHECKING": "0",
            "ANSIBLE_CONNECTION_PLUGINS": plugins.string, "ANSIBLE_DEPRECATION_WARNINGS": "0",
            "ANSIBLE_LOCALHOST_WARNING": "0", "PYTHONDONTWRITEBYTECODE": "1", "RUCHE_SHARED": shared.string,
        ]
        if let roles = step.roles { environment["ANSIBLE_ROLES_PATH"] = try running.source.locate(roles).string }
        return Command(
            Tool.ansiblePlaybook.name, ["--inventory", "image,", "--extra-vars", "@\(file)", playbook.string],
            environment: environment, workingDirectory: playbook.removingLastComponent())
    }
}
