import Glibc
import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
import RucheCore
import ServiceLifecycle
import Synchronization
import SystemPackage

/// The HTTP server: the same routes on a private Unix socket, on a TCP port, and, for what jobs may call,
/// on a socket of their own.
package struct APIServer: Service {
    private let routes: [Route]
    private let configuration: APIServerConfiguration
    private let logger: Logger
    private let onListening: @Sendable (ListeningAddresses) async -> Void

    /// `onListening` is called once, when every listener is bound.
    package init(
        routes: [Route], configuration: APIServerConfiguration, logger: Logger,
        onListening: @escaping @Sendable (ListeningAddresses) async -> Void = { _ in }
    ) {
        self.routes = routes
        self.configuration = configuration
        self.logger = logger
        self.onListening = onListening
    }

    /// Serves until a graceful shutdown. Requests that are still open `shutdownGrace` after it began are
    /// cancelled, so that an open event stream never holds the process.
    package func run() async throws {
        let listeners = try makeListeners()
        let readiness = Readiness(count: listeners.count)
        defer {
            for path in [configuration.privateSocket, configuration.jobSocket].compactMap(\.self) {
                SocketFile.remove(path)
            }
        }
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for listener in listeners {
                group.addTask {
                    try await serve(listener, readiness)
                    return false
                }
            }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: configuration.shutdownGrace)
                return true
            }
            var running = listeners.count
            while running > 0, let result = await group.nextResult() {
                if case .failure(let error) = result, !(error is CancellationError) {
                    group.cancelAll()
                    throw error
                }
                let isTimeOver = (try? result.get()) == true
                running = isTimeOver ? 0 : running - 1
            }
            group.cancelAll()
        }
    }

    private struct Listener: Sendable {
        var kind: ListenerKind
        var address: BindAddress
        var socket: FilePath?
        var certificate: ServerCertificate?
    }

    private func makeListeners() throws -> [Listener] {
        var listeners: [Listener] = []
        if let path = configuration.privateSocket {
            try SocketFile.prepare(path, privateFolder: true)
            listeners.append(
                Listener(kind: .local, address: .unixDomainSocket(path: path.string), socket: path))
        }
        if let path = configuration.jobSocket {
            try SocketFile.prepare(path, privateFolder: false)
            listeners.append(Listener(kind: .jobs, address: .unixDomainSocket(path: path.string), socket: path))
        }
        if let address = configuration.network {
            let policy = HostPolicy(names: configuration.hostNames + [address.host])
            listeners.append(
                Listener(
                    kind: .network(policy), address: .hostname(address.host, port: address.port),
                    certificate: configuration.certificate))
            if let redirect = configuration.redirect {
                listeners.append(
                    Listener(kind: .redirect(policy), address: .hostname(redirect.host, port: redirect.port)))
            }
        }
        return listeners
    }

    private func serve(_ listener: Listener, _ readiness: Readiness) async throws {
        if case .redirect(let policy) = listener.kind {
            let standard = configuration.network?.port ?? 443
            return try await serve(
                listener, readiness, RedirectResponder(policy: policy) { readiness.port ?? standard })
        }
        let responder = APIResponder(
            routes: routes, kind: listener.kind, isEncrypted: listener.certificate != nil,
            token: configuration.token, accounts: configuration.accounts, owned: configuration.owned,
            grants: configuration.grants, visibility: configuration.visibility)
        try await serve(
            listener, readiness, MeteredResponder(responder, routes: routes, metrics: configuration.metrics))
    }

    private func serve(
        _ listener: Listener, _ readiness: Readiness, _ responder: some HTTPResponder<AppRequestContext>
    ) async throws {
        var quiet = logger
        // The library calls it an error when a shutdown cuts a connection that is still open.
        quiet.logLevel = .critical
        let application = Application(
            responder: responder, server: serverBuilder(listener.certificate),
            configuration: .init(
                address: listener.address,
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maximumConnections)),
            onServerRunning: { channel in await bound(listener, channel, readiness) },
            logger: logger.logLevel < .info ? logger : quiet)
        do {
            try await application.run()
        } catch let error as IOError {
            throw RucheError(
                error.errnoCode == EACCES ? .notPermitted : .inUse,
                "can't listen on \(describe(listener)): \(String(cString: strerror(error.errnoCode)))", cause: error)
        }
        try readiness.check()
    }

    private func serverBuilder(_ certificate: ServerCertificate?) -> HTTPServerBuilder {
        let configuration = HTTP1Channel.Configuration(
            idleTimeout: .milliseconds(Int64(configuration.idleTimeout.seconds * 1000)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 64 << 10, maxHeaderFieldCount: 100))
        guard let certificate else { return .http1(configuration: configuration) }
        return HTTPServerBuilder { responder in
            SecureChannel(
                base: HTTP1Channel(responder: responder, configuration: configuration), certificate: certificate)
        }
    }

    private func bound(_ listener: Listener, _ channel: any Channel, _ readiness: Readiness) async {
        do {
            if let path = listener.socket { try SocketFile.setMode(path, listener.kind.isLocal ? 0o600 : 0o666) }
        } catch {
            readiness.fail(error)
            channel.close(promise: nil)
            return
        }
        let port = channel.localAddress?.port
        if let addresses = readiness.bound({ addresses in
            switch listener.kind {
            case .local: addresses.privateSocket = listener.socket
            case .jobs: addresses.jobSocket = listener.socket
            case .network:
                addresses.network = configuration.network
                addresses.network?.port = port ?? 0
            case .redirect:
                addresses.redirect = configuration.redirect
                addresses.redirect?.port = port ?? 0
            }
        }) {
            await onListening(addresses)
        }
    }

    private func describe(_ listener: Listener) -> String {
        if case .redirect = listener.kind { return configuration.redirect.map { "\($0)" } ?? "its address" }
        return listener.socket?.string ?? configuration.network.map { "\($0)" } ?? "its address"
    }
}

/// Counts listeners until all are bound.
private final class Readiness: Sendable {
    private struct State {
        var missing: Int
        var addresses = ListeningAddresses()
        var failure: (any Error)?
    }
    private let state: Mutex<State>

    init(count: Int) { state = Mutex(State(missing: count)) }

    /// The addresses, when this listener was the last.
    func bound(_ change: (inout ListeningAddresses) -> Void) -> ListeningAddresses? {
        state.withLock {
            change(&$0.addresses)
            $0.missing -= 1
            return $0.missing == 0 ? $0.addresses : nil
        }
    }

    /// Where the network listener is, once it is bound.
    var port: Int? { state.withLock { $0.addresses.network?.port } }

    func fail(_ error: any Error) { state.withLock { $0.failure = error } }
    func check() throws { if let error = state.withLock({ $0.failure }) { throw error } }
}
