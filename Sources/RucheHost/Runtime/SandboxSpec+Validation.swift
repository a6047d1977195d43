import RucheCore

extension SandboxSpec {
    /// Throws `invalid_input` for what no container can be given.
    package func validate() throws {
        func refuse(_ message: String) -> RucheError { RucheError(.invalidInput, message) }
        guard let program = arguments.first, !program.isEmpty else { throw refuse("the command is empty") }
        guard workingDirectory.hasPrefix("/") else {
            throw refuse("the working directory \"\(workingDirectory)\" is not an absolute path")
        }
        for path in mounts.map(\.destination) + temporaries.keys where !path.hasPrefix("/") || path == "/" {
            throw refuse("the mount \"\(path)\" is not an absolute path below the root")
        }
        for key in environment.keys where key.isEmpty || key.contains("=") {
            throw refuse("the environment variable \"\(key)\" has no valid name")
        }
        let texts = arguments + environment.flatMap { [$0.key, $0.value] } + mounts.map(\.destination)
        guard !texts.contains(where: { $0.utf8.contains(0) }) else { throw refuse("the command holds a zero byte") }
        if let cpus = limits.cpus, !(cpus > 0 && cpus <= 65_536) { throw refuse("\(cpus) CPUs can't be given") }
        if let memory = limits.memory, memory.bytes < 1 << 20 {
            throw refuse("\(memory) of memory are too few: give 1 MiB or more")
        }
        if let count = limits.processes, count < 1 { throw refuse("\(count) processes can't be given") }
        if let disk = limits.disk, disk.bytes < 0 { throw refuse("\(disk) of disk can't be given") }
    }
}
