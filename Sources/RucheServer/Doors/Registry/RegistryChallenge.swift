import HTTPTypes
import Hummingbird
import RucheCore

/// Where a client gets a token for what it asked (distribution, "Token Authentication Specification").
struct RegistryChallenge {
    let header: String

    init(_ request: Request, _ context: AppRequestContext) {
        // A host of the client's own making must not end the quoted string.
        let host = (request.head.authority ?? "localhost").filter { $0.isASCII && $0 != "\"" && $0 != "\\" }
        let scheme = context.isSecure(request) ? "https" : "http"
        var header = "Bearer realm=\"\(scheme)://\(host)/v2/token\",service=\"\(host)\""
        let parts = PathTemplate.parts(of: request.uri.path) ?? []
        if parts.count > 3, let name = EnvironmentName("\(parts[1])/\(parts[2])") {
            let isRead = [.get, .head].contains(request.method)
            header += ",scope=\"repository:\(name):\(isRead ? "pull" : "pull,push")\""
        }
        self.header = header
    }
}
