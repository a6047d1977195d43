import Glibc
import RucheCore
import RucheHost
package import SystemPackage

/// A container service of the tests' own: private folders and socket, no bridge; it goes with the test process.
package actor EngineDaemon {
    package enum Kind: String, Sendable {
        case docker, podman

        package var isInstalled: Bool { Tool.find(self == .docker ? "dockerd" : "podman") != nil }
    }

    /// One of each for all tests of a process: starting one takes seconds.
    package static let docker = EngineDaemon(.docker)
    package static let podman = EngineDaemon(.podman)

    package nonisolated let kind: Kind
    private var script: WatchedScript?
    private var starting: Task<FilePath, any Error>?
    private var folder: FilePath?

    package init(_ kind: Kind) { self.kind = kind }

    /// The socket of the running service.
    package func socket() async throws -> FilePath {
        if let starting { return try await starting.value }
        let task = Task { try await start() }
        starting = task
        return try await task.value
    }

    private func start() async throws -> FilePath {
        let folder = try folder ?? TemporaryDirectory.make(in: "/var/tmp", prefix: "ruche-\(kind.rawValue)")
        self.folder = folder
        try BusyboxRoot.write(Self.containers, to: folder.appending("containers.conf"))
        script = try WatchedScript(
            kind == .docker ? Self.dockerScript : Self.podmanScript, [folder.string], log: folder.appending("log"))
        let socket = folder.appending("api.sock")
        let connection = try EngineConnection(engine: kind.rawValue, address: .unix(socket))
        let answers = try await eventually(within: .seconds(60)) {
            let response = try? await connection.send(EngineRequest("GET", "/_ping"))  // not yet there
            return response?.isSuccess ?? false
        }
        guard answers else {
            let log = (try? AtomicFile.read(folder.appending("log"))) ?? []
            throw RucheError(
                .engineUnavailable, "\(kind) did not start: \(String(decoding: log.suffix(2000), as: UTF8.self))")
        }
        return socket
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
        cd "$1"
        ( while :; do
            dockerd --iptables=false --bridge=none --data-root "$1/data" --exec-root "$1/exec" \
              --pidfile "$1/dockerd.pid" --host "unix://$1/api.sock" </dev/null &
            echo $! >"$1/pid"; wait $!
            [ -e "$1/ended" ] && exit; rm -f "$1/dockerd.pid"; sleep 0.2
          done ) &
        loop=$!
        cat >/dev/null
        touch "$1/ended"
        kill -TERM "$(cat "$1/pid")"; wait $loop
        for pid in $(cat "$1"/exec/containerd/containerd.pid 2>/dev/null); do kill -KILL $pid; done
        grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$1"
        """

    private static let podmanScript = """
        cd "$1"
        export CONTAINERS_CONF="$1/containers.conf" HOME="$1" XDG_RUNTIME_DIR="$1"
        podman="podman --root $1/data --runroot $1/exec --tmpdir $1/tmp --cgroup-manager cgroupfs --events-backend file"
        $podman system service --time=0 "unix://$1/api.sock" </dev/null &
        echo $! >"$1/pid"
        cat >/dev/null
        kill -TERM "$(cat "$1/pid")"; wait
        $podman rm --all --force --time 0
        grep -o " $1/[^ ]*" /proc/self/mounts | sort -r | xargs -r umount -l
        rm -rf "$1"
        """

    /// Limits that a service without CAP_SYS_RESOURCE may set, and the runtime that takes every kind of cgroups.
    private static let containers = """
        [containers]
        default_ulimits = ["nofile=1024:1024", "nproc=8192:8192"]
        [engine]
        runtime = "runc"
        """
}
