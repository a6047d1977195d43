import FoundationEssentials
import Glibc
import RucheCore
import RucheHost
import SystemPackage

/// The network of one container that serves: slirp4netns beside it, which translates between a network interface in the
/// container's namespace and sockets of this machine, as QEMU does for machines.
///
/// pasta was not taken: it needs a network of this machine to copy, keeps CAP_SYS_ADMIN, and shows connections to
/// published ports to the container as its own. What listens on this machine's loopback interface alone can't be reached.
struct ServiceNetwork: Sendable {
    /// Where slirp4netns puts things in the network that it makes.
    private static let guest = "10.0.2.100"
    private static let resolver = "10.0.2.3"
    private static let device = "/dev/net/tun"
    private static let patience = Duration.seconds(20)

    let id: String
    /// The container's own.
    let folder: FilePath

    private var socket: String { "\(id).sock" }
    private var process: DetachedProcess { DetachedProcess(folder: folder, name: "network", mark: socket) }

    static func findings() -> [EngineFinding] {
        var findings: [EngineFinding] = []
        if Tool.find(Tool.slirp.name) == nil {
            let error = Tool.missing(Tool.slirp.name)
            findings.append(
                EngineFinding(message: error.message, remedy: "apt install \(Tool.slirp.package_)"))
        }
        if access(device, R_OK | W_OK) != 0 {
            findings.append(
                EngineFinding(
                    message: "\(device) can't be used: \(String(cString: strerror(errno)))",
                    remedy: "load the kernel's module with \"modprobe tun\""))
        }
        return findings
    }

    /// Writes what the container is told of its network, and returns how it sees it.
    func writeFiles(hostName: String) throws -> [SandboxSpec.Mount] {
        let texts = [
            "hosts": "127.0.0.1 localhost\n::1 localhost\n\(Self.guest) \(hostName)\n",
            "resolv.conf": "nameserver \(Self.resolver)\n",
        ]
        return try texts.map { name, text in
            let path = folder.appending(name)
            try AtomicFile.write(Array(text.utf8), to: path, durable: false)
            return SandboxSpec.Mount(source: path, destination: "/etc/\(name)", readOnly: true)
        }
    }

    /// Gives the namespace of a process an interface, and opens the ports. Throws `in_use` for one that somebody has.
    func start(of first: ProcessIdentity, ports: [PortPublication], runner: any CommandRunning) async throws {
        let namespace = try FileDescriptor.open(
            FilePath("/proc/\(first.pid)/ns/net"), .readOnly, options: [.closeOnExec])
        defer { try? namespace.close() }  // only a handle
        guard first.isAlive else {
            throw RucheError(.engineUnavailable, "the container \(id) ended before it was started")
        }
        try FileTree.remove(folder.appending(socket))
        try await process.start(
            [
                Tool.slirp.name, "--configure", "--mtu=65520", "--disable-host-loopback", "--enable-sandbox",
                "--enable-seccomp", "--api-socket=\(socket)", "--netns-type=path", "/proc/self/fd/5", "eth0",
            ], descriptors: [5: namespace.rawValue], runner: runner)
        try await waitUntilReady()
        for port in ports { try await publish(port) }
    }

    func stop() async throws {
        try await process.kill()
        try FileTree.remove(folder.appending(socket))
    }

    private func waitUntilReady() async throws {
        let deadline = ContinuousClock.now + Self.patience
        // It listens there when the interface is made.
        while (try? LocalSocket(socket, in: folder, timeout: .seconds(1))) == nil {
            guard process.identity != nil, ContinuousClock.now < deadline else {
                let lines = process.complaint.split(separator: "\n").filter { !$0.hasPrefix("WARNING") }
                throw RucheError(
                    .engineUnavailable,
                    "the container's network can't be made: \(lines.last ?? "slirp4netns does not answer")")
            }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    // MARK: Ports

    private struct Request: Encodable {
        struct Arguments: Encodable {
            var proto = "tcp"
            var host_addr: String
            var host_port: Int
            var guest_addr: String
            var guest_port: Int
        }

        var execute = "add_hostfwd"
        var arguments: Arguments
    }

    private struct Answer: Decodable {
        struct Failure: Decodable { var desc: String? }
        var error: Failure?
    }

    private func publish(_ port: PortPublication) async throws {
        let request = Request(
            arguments: .init(
                host_addr: port.address, host_port: port.host, guest_addr: Self.guest, guest_port: port.guest))
        let bytes = try Array(JSONEncoder().encode(request))
        let (socket, folder) = (socket, folder)
        let answer = try await BlockingWork.run {
            let connection = try LocalSocket(socket, in: folder, timeout: Self.patience)
            try connection.write(bytes)
            // Until then it waits for more of the request.
            shutdown(connection.descriptor, Int32(SHUT_WR))
            return try connection.read(limit: 64 << 10)
        }
        guard let failure = try JSONDecoder().decode(Answer.self, from: Data(answer)).error else { return }
        if LocalPort.obstacle(port.address, port.host) != nil { throw port.taken() }
        throw RucheError(
            .engineUnavailable, "port \(port.host) of \(port.address) can't be opened: \(failure.desc ?? "no reason")")
    }
}
