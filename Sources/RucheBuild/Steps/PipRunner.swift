import RucheCore
import RucheHost
import SystemPackage

/// `pip:` — installs Python distributions into the system or into a virtual environment.
struct PipRunner {
    let step: PipStep
    let running: RunningStep

    private static let recipe = "/run/ruche/recipe"
    private static let cache = "/run/ruche/pip"
    private static let configuration = "/run/ruche/pip.conf"
    private static let pins = "/run/ruche/lock.txt"

    func run() async throws -> [String] {
        let python = try interpreter()
        let mounts = try mounts()
        if let venv = step.venv { try await makeEnvironment(venv, python) }
        let program = step.venv.map { "\($0)/bin/python" } ?? python
        var arguments = [
            program, "-m", "pip", "--no-input", "--disable-pip-version-check", "install", "--no-warn-script-location",
            "--progress-bar", "off",
        ]
        if let url = step.indexURL { arguments += ["--index-url", url] }
        if let file = step.constraints { arguments += ["--constraint", "\(Self.recipe)/\(normal(file))"] }
        if running.setting.lock != nil { arguments += ["--constraint", Self.pins] }
        if let file = step.requirements { arguments += ["--requirement", "\(Self.recipe)/\(normal(file))"] }
        arguments += ["--"] + step.packages
        let container = StepContainer(
            arguments: arguments, environment: try environment(), network: true, mounts: mounts)
        let keeper = LineKeeper(next: running.onLine)
        let status = try await running.run(container, keeping: keeper)
        guard status.isSuccess else { throw failure(status, keeper, python) }
        return mounts.map(\.destination)
    }

    private func interpreter() throws -> String {
        let name = step.python ?? "python3"
        guard let path = try RootPath.program(name, in: running.root) else {
            throw RucheError(
                .buildFailed,
                "the image has no \"\(name)\": add an apt step with python3-pip (and python3-venv for a venv) before the pip step"
            )
        }
        return path
    }

    private func makeEnvironment(_ venv: String, _ python: String) async throws {
        if FileTree.exists(try RootPath.resolve("\(venv)/pyvenv.cfg", in: running.root)) { return }
        let keeper = LineKeeper(next: running.onLine)
        let container = StepContainer(arguments: [python, "-m", "venv", venv])
        let status = try await running.run(container, keeping: keeper)
        guard status.isSuccess else {
            if keeper.kept.contains(where: {
                $0.contains("ensurepip is not available") || $0.contains("No module named")
            }) {
                throw RucheError(
                    .buildFailed, "the image can't make a venv: add python3-venv to an apt step before the pip step")
            }
            throw StepFailure.error("python -m venv \(venv)", status)
        }
    }

    private func mounts() throws -> [SandboxSpec.Mount] {
        let setting = running.setting
        let cache = setting.configuration.cache.appending("pip")
        try FileTree.makeFolder(cache)
        var mounts = [SandboxSpec.Mount(source: cache, destination: Self.cache, readOnly: false)]
        for path in try running.source.requirementFiles(of: step) {
            mounts.append(
                SandboxSpec.Mount(
                    source: try running.source.locate(path), destination: "\(Self.recipe)/\(path)", readOnly: true))
        }
        if let file = setting.configuration.pipConfiguration {
            mounts.append(SandboxSpec.Mount(source: file, destination: Self.configuration, readOnly: true))
        }
        if let lock = setting.lock {
            let file = running.scratch.appending("lock.txt")
            try AtomicFile.write(Array(Self.constraints(lock.pip, venv: step.venv).utf8), to: file)
            mounts.append(SandboxSpec.Mount(source: file, destination: Self.pins, readOnly: true))
        }
        return mounts
    }

    /// What the lock has in the place that the step installs into; other places may have other versions.
    static func constraints(_ pins: [String: [String: String]], venv: String?) -> String {
        let place = venv.map { FilePath($0).lexicallyNormalized().string } ?? "/usr"
        let versions = pins.filter { $0.key.hasPrefix(place + "/") }.sorted { $0.key < $1.key }
            .reduce(into: [:]) { $0.merge($1.value) { first, _ in first } }
        return versions.sorted { $0.key < $1.key }.map { "\($0.key)==\($0.value)\n" }.joined()
    }

    private func environment() throws -> [String: String] {
        var result = ["PIP_CACHE_DIR": Self.cache, "PIP_ROOT_USER_ACTION": "ignore"]
        if running.setting.configuration.pipConfiguration != nil { result["PIP_CONFIG_FILE"] = Self.configuration }
        // The system's Python refuses pip where it is marked as the distribution's (PEP 668); an image is ours.
        if step.venv == nil, try isMarked() { result["PIP_BREAK_SYSTEM_PACKAGES"] = "1" }
        return result
    }

    private func isMarked() throws -> Bool {
        let folder = try RootPath.resolve("/usr/lib", in: running.root)
        guard FileTree.isFolder(folder) else { return false }
        return try FileTree.names(in: folder).contains {
            $0.hasPrefix("python3") && FileTree.exists(folder.appending($0).appending("EXTERNALLY-MANAGED"))
        }
    }

    private func normal(_ path: String) -> String { FilePath(path).lexicallyNormalized().string }

    private func failure(_ status: ExitStatus, _ keeper: LineKeeper, _ python: String) -> RucheError {
        let lines = keeper.kept
        var error = StepFailure.error("pip install", status)
        if lines.contains(where: { $0.hasSuffix("No module named pip") }) {
            error.message = "\(python) of the image has no pip: add an apt step with python3-pip before the pip step"
        } else if let line = lines.last(where: { $0.contains("No space left on device") }) {
            error.code = .diskFull
            error.message = "the disk is full: \(line)"
        } else if let line = lines.last(where: {
            $0.contains("NewConnectionError") || $0.contains("ConnectTimeoutError")
        }) {
            error.code = .networkUnavailable
            error.message = "the Python package index can't be reached: \(line)"
        } else if let line = lines.last(where: { $0.hasPrefix("ERROR: ") }) {
            error.message = "pip install failed: \(line.dropFirst(7))"
        }
        return error
    }
}
