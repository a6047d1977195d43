import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// A container service of the tests' own: private folders and socket, no bridge; it goes with the test process.
package actor EngineDaemon {
    package enum Kind: String, Sendable {
        case docker, podman, lxd

        package var isInstalled: Bool { Tool.find(self == .docker ? "dockerd" : rawValue) != nil }
    }

    /// One of each for all tests of a process: starting one takes seconds.
    package static let docker = EngineDaemon(.docker)
    package static let podman = EngineDaemon(.podman)
    package static let lxd = EngineDaemon(.lxd)

    /// Those of this machine.
    package static let all = [docker, podman, lxd].filter { $0.kind.isInstalled }

    package nonisolated let kind: Kind
    private var script: WatchedScript?
    private var starting: Task<FilePath, any Error>?
    private var folder: FilePath?

    /// More arguments of the service's program; of Docker's.
    private let arguments: [String]

    package init(_ kind: Kind, _ arguments: [String] = []) {
        self.kind = kind
        self.arguments = arguments
    }

    /// Runs `body` with a service of its own.
    package static func with<Result: Sendable>(
        _ kind: Kind, _ arguments: [String] = [], _ body: (EngineDaemon) async throws -> Result
    ) async throws -> Result {
        let daemon = EngineDaemon(kind, arguments)
        do {
            _ = try await daemon.socket()
            let result = try await body(daemon)
            try await daemon.end()
            return result
        } catch {
            try? await daemon.end()  // the first error is the one to report
            throw error
        }
    }

    /// The socket of the running service.
    package func socket() async throws -> FilePath {
        if let starting { return try await starting.value }
        let task = Task<FilePath, any Error> {
            do {
                return try await start()
            } catch {
                // Nothing is left of it, and the next call starts another. The first error is the one to report.
                try? await end()
                throw error
            }
        }
        starting = task
        return try await task.value
    }

    private func start() async throws -> FilePath {
        let folder = try folder ?? TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-\(kind.rawValue)")
        self.folder = folder
        try BusyboxRoot.write(Self.containers(folder), to: folder.appending("containers.conf"))
        // The root of an LXD container walks through it as an unprivileged user.
        try FileTree.setMode(folder, 0o711)
        script = try WatchedScript(
            [.docker: Self.dockerScript, .podman: Self.podmanScript, .lxd: Self.lxdScript][kind] ?? "",
            [folder.string] + arguments,
            log: folder.appending("log"))
        let socket = folder.appending("api.sock")
        let connection = try EngineConnection(engine: kind.rawValue, address: .unix(socket))
        let probe = EngineRequest("GET", kind == .lxd ? "/1.0" : "/_ping", timeout: .seconds(5))
        let answers = try await eventually(within: .seconds(240)) {
            let response = try? await connection.send(probe)  // not yet there
            return response?.isSuccess ?? false
        }
        guard answers else {
            let log = (try? AtomicFile.read(folder.appending("log"))) ?? []
            throw RucheError(
                .engineUnavailable, "\(kind) did not start: \(String(decoding: log.suffix(2000), as: UTF8.self))")
        }
        return socket
    }

    /// With it, the service's own client program talks to it.
    package func environment() async throws -> [String: String] {
        let socket = try await socket()
        let folder = socket.removingLastComponent().string
        return kind == .lxd
            ? ["HOME": folder, "LXD_DIR": folder] : ["HOME": folder, "DOCKER_HOST": "unix://\(socket)"]
    }

    /// Runs the service's own client program and returns what it says.
    package func client(_ arguments: String...) async throws -> String {
        let program = kind == .lxd ? "lxc" : "/usr/bin/\(kind.rawValue)"
        return try await SystemCommandRunner().runChecked(
            Command(program, arguments, environment: try await environment())
        ).output
    }

    /// Name of a network of the service's own for containers that serve; made at the first call, it goes with the
    /// service.
    package func network() async throws -> String {
        let name = "ruche-test"
        let connection = try EngineConnection(engine: kind.rawValue, address: .unix(try await socket()))
        if try await connection.send(EngineRequest("GET", "/networks/\(name)")).isSuccess { return name }
        let made = try await connection.send(.json("POST", "/networks/create", ["Name": name]))
        guard made.isSuccess else {
            throw RucheError(.engineUnavailable, "no network: \(String(decoding: made.body, as: UTF8.self))")
        }
        return name
    }

    /// Process number of the service itself.
    package func process() throws -> Int32? {
        guard let folder else { return nil }
        let text = try String(decoding: AtomicFile.read(folder.appending("pid")), as: UTF8.self)
        return Int32(text.filter { !$0.isWhitespace })
    }

    /// Ends the service and removes all it had.
    package func end() async throws {
        try await script?.end()
        script = nil
        starting = nil
        folder = nil
    }

    // The service is started again when it was killed, until standard input ends.
    private static let dockerScript = """
        home=$1; shift
        cd "$home"
        ( while :; do
            dockerd --iptables=false --bridge=none --data-root "$home/data" --exec-root "$home/exec" \
              --pidfile "$home/dockerd.pid" --host "unix://$home/api.sock" "$@" </dev/null &
            echo $! >"$home/pid"; wait $!
            [ -e "$home/ended" ] && exit; rm -f "$home/dockerd.pid"; sleep 0.2
          done ) &
        loop=$!
        cat >/dev/null
        touch "$home/ended"
        export DOCKER_HOST="unix://$home/api.sock" HOME="$home"
        timeout 20 docker ps --all --quiet | xargs -r timeout 20 docker rm --force
        timeout 20 docker network prune --force
        kill -TERM "$(cat "$home/pid")"; wait $loop
        for pid in $(cat "$home"/exec/containerd/containerd.pid 2>/dev/null); do kill -KILL $pid; done
        grep -o " $home/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$home"
        """

    private static let lxdScript = """
        cd "$1"
        export LXD_DIR="$1" HOME="$1"
        trap : TERM
        ( while :; do
            lxd --group root </dev/null &
            echo $! >"$1/pid"; wait $!
            [ -e "$1/ended" ] && exit; sleep 0.2
          done ) &
        timeout 120 lxd waitready && timeout 120 lxd init --preseed <<EOF && ln -s unix.socket api.sock
        storage_pools:
        - {name: default, driver: dir}
        profiles:
        - {name: default, devices: {root: {path: /, pool: default, type: disk}}}
        EOF
        cat >/dev/null
        touch "$1/ended"
        timeout 60 lxc stop --all --force
        kill -TERM "$(cat "$1/pid")"
        while kill -0 "$(cat "$1/pid")" 2>/dev/null; do sleep 0.1; done
        grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$1"
        """

    private static let podmanScript = """
        cd "$1"
        export CONTAINERS_CONF="$1/containers.conf" HOME="$1" XDG_RUNTIME_DIR="$1" TMPDIR="$1"
        podman="podman --root $1/data --runroot $1/exec --tmpdir $1/tmp --cgroup-manager cgroupfs --events-backend file"
        $podman system service --time=0 "unix://$1/api.sock" </dev/null &
        echo $! >"$1/pid"
        cat >/dev/null
        kill -TERM "$(cat "$1/pid")"; wait
        $podman rm --all --force --time 0
        $podman network prune --force
        grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$1"
        """

    /// Limits that a service without CAP_SYS_RESOURCE may set, and the runtime that takes every kind of cgroups.
    private static func containers(_ folder: FilePath) -> String {
        """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=8192:8192"]
        [engine]
        runtime = "runc"
        [network]
        network_config_dir = "\(folder)/networks"
        """
    }
}
