import RucheCore
import RucheHost

extension DockerEngine {
    package func check() async -> [EngineFinding] {
        do {
            return lacks(try await client.machine())
        } catch let error as RucheError where error.message.contains("permission denied") {
            return [
                EngineFinding(
                    message: error.message,
                    remedy: "run the server as a user who may open the socket: root, or one in its group")
            ]
        } catch let error as RucheError {
            let start =
                settings.kind == .podman
                ? "start it with \"systemctl start podman.socket\" or \"podman system service --time=0\""
                : "start it with \"systemctl start docker\", or install it with \"apt install docker.io\""
            return [
                EngineFinding(
                    message: error.message,
                    remedy: "\(start); or correct \"socket\" or \"address\" of the engine in the configuration")
            ]
        } catch {
            return [EngineFinding(message: "the engine \"\(name)\" can't be asked: \(error)")]
        }
    }

    private nonisolated func lacks(_ machine: DockerAPI.Machine) -> [EngineFinding] {
        var findings: [EngineFinding] = []
        if let system = machine.OSType, system != "linux" {
            findings.append(
                EngineFinding(message: "it runs containers of \(system)", remedy: "switch it to Linux containers"))
        }
        let limits = [
            ("memory", machine.MemoryLimit), ("cpu", machine.CpuCfsQuota), ("pids", machine.PidsLimit),
        ]
        let missing = limits.filter { $0.1 == false }.map(\.0)
        if !missing.isEmpty {
            findings.append(
                EngineFinding(
                    message: "it can't limit: \(missing.joined(separator: ", "))",
                    remedy: "give its machine these control groups"))
        }
        if let options = machine.SecurityOptions, !options.contains(where: { $0.contains("seccomp") }) {
            findings.append(
                EngineFinding(message: "it has no seccomp", remedy: "use a kernel and a runtime with seccomp"))
        }
        return findings
    }
}
