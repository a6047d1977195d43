package import Hummingbird
import Logging
package import NIOCore
package import RucheCore
package import RucheService

/// What a handler knows of its request besides the request itself.
package struct AppRequestContext: Hummingbird.RequestContext {
    package var coreContext: Hummingbird.CoreRequestContextStorage
    /// True on the private Unix socket, whose peer is the owner of the data directory: paths of this
    /// machine may be named there, and no token is asked for.
    package var isLocal: Bool
    /// Whether the client speaks TLS to this server itself.
    package var isEncrypted = false
    /// Who asks. Nobody, until the responder has found out.
    package var caller = Caller.anonymous
    /// What a short-lived token of the registry was made for, where one was shown.
    package var grant: RegistryGrant?
    /// What they showed, where that can end.
    package var credential: Credential?
    /// Whether what they showed still holds, for answers that go on for long; nil for who can't lose their rights.
    var standing: StreamStanding?
    /// The peer's address; empty for a Unix socket.
    let peerAddress: String

    /// The connection, for who has to cut it off.
    package let channel: any Channel

    package init(source: Hummingbird.ApplicationRequestContextSource) {
        channel = source.channel
        coreContext = .init(source: source)
        peerAddress = source.channel.remoteAddress?.ipAddress ?? ""
        if case .unixDomainSocket = source.channel.localAddress { isLocal = true } else { isLocal = false }
    }

    /// The id of this request in logs, in `X-Request-Id` and in problem documents.
    package var requestID: String {
        get { id }
        set { logger[metadataKey: "hb.request.id"] = .string(newValue) }
    }
}
