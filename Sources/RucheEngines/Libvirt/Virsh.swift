import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// Debian's `virsh` on one connection. Every call has an end: a daemon that hangs is one that does not answer.
struct Virsh: Sendable {
    let uri: String
    let runner: any CommandRunning

    /// How long a call may take, in seconds.
    enum Patience: String {
        case quick = "20"
        /// One that waits for a machine.
        case machine = "60"
        /// Of what libvirt knows only once it has looked at every QEMU that is installed, for half a minute each.
        case capabilities = "180"
    }

    /// What `timeout` says when it ended the program.
    private static let tookTooLong = [124, 137]

    /// The program with what every call says.
    var program: [String] { runtimeFolder + [Tool.virsh.name, "--quiet", "--connect", uri] }

    /// The daemon of somebody's session is where their login put it.
    private var runtimeFolder: [String] {
        let folder = FilePath("/run/user/\(geteuid())")
        guard isSession, FileTree.isFolder(folder) else { return [] }
        return ["env", "XDG_RUNTIME_DIR=\(folder)"]
    }

    var isSession: Bool { uri.contains("///session") }

    /// What it prints. Throws `not_found` for a domain that is not there, `engine_unavailable` for all else.
    @discardableResult
    func run(_ arguments: [String], within patience: Patience = .quick) async throws -> String {
        let result = try await runner.run(
            Command("timeout", ["--kill-after=5", patience.rawValue] + program + arguments), onLine: nil)
        if result.status.isSuccess { return result.output }
        guard !Self.tookTooLong.contains(result.status.shellCode) else {
            throw RucheError(.engineUnavailable, "libvirt (\(uri)) does not answer within \(patience.rawValue) seconds")
        }
        throw failure(result.errorTail)
    }

    /// What it prints of a domain; nil where there is no such domain.
    func ask(_ arguments: [String]) async throws -> String? {
        do { return try await run(arguments) } catch let error as RucheError {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    /// As whom machines run.
    func machineUser() async throws -> AccelerationProbe.User {
        let text = try await run(["capabilities"], within: .capabilities)
        // `<baselabel type='kvm'>+64055:+110</baselabel>`
        let label = #/<model>dac</model>\s*<doi>0</doi>\s*<baselabel type='[a-z]+'>\+([0-9]+):\+([0-9]+)</#
        guard let found = text.firstMatch(of: label), let user = uid_t(found.1), let group = gid_t(found.2) else {
            throw RucheError(.engineUnavailable, "libvirt (\(uri)) does not tell as whom it runs machines")
        }
        return (user, group)
    }

    /// What a call's standard error means.
    func failure(_ complaint: String) -> RucheError {
        let lines = complaint.split(separator: "\n").map { $0.replacing(#/^error: /#, with: "") }
        let words = lines.joined(separator: ": ")
        // It keeps to itself why: a daemon that went away meanwhile is told in further lines.
        if lines.count == 1, words.hasPrefix("failed to get domain") || words.contains("Domain not found") {
            return RucheError(.notFound, "libvirt (\(uri)) has no such machine: \(words)")
        }
        return RucheError(.engineUnavailable, "libvirt (\(uri)): \(words)")
    }
}
