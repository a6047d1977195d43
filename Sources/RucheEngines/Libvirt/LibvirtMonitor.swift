import Foundation
import RucheCore

/// Talks to the monitor of a running QEMU through libvirt.
struct LibvirtMonitor: Sendable {
    private struct Answer: Decodable {
        struct Failure: Decodable { var desc: String }
        var `return`: JSONValue?
        var error: Failure?
    }

    let virsh: Virsh
    let domain: String

    @discardableResult
    func execute(_ command: QMPClient.Command) async throws -> JSONValue {
        let text = String(decoding: try JSONEncoder().encode(command.message), as: UTF8.self)
        let output = try await virsh.run(["qemu-monitor-command", domain, text], within: .machine)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(output.utf8))
        if let error = answer.error { throw RucheError(.engineUnavailable, "QEMU: \(error.desc)") }
        return answer.return ?? .null
    }

    /// The name that a disk has for the monitor.
    func node(of alias: String) async throws -> String {
        for disk in try await execute(.disks).arrayValue ?? [] {
            let path = disk.objectValue?["qdev"]?.stringValue ?? ""
            guard path.split(separator: "/").contains(Substring(alias)),
                let node = disk.objectValue?["inserted"]?.objectValue?["node-name"]?.stringValue
            else { continue }
            return node
        }
        throw RucheError(.engineUnavailable, "QEMU has no disk \"\(alias)\"")
    }
}
