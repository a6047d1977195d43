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
            header +=
                ",scope=\"\(Self.scope(request, name, isUpload: parts[3...].starts(with: ["blobs", "uploads"])))\""
        }
        self.header = header
    }

    /// What a token must be for. How far an upload is, only who pushes may ask; to mount a blob, its repository is read.
    private static func scope(_ request: Request, _ name: EnvironmentName, isUpload: Bool) -> String {
        let isRead = [.get, .head].contains(request.method) && !isUpload
        let own = "repository:\(name):\(isRead ? "pull" : "pull,push")"
        guard isUpload, request.query("mount") != nil,
            let from = request.query("from").flatMap({ EnvironmentName($0) }), from != name
        else { return own }
        return own + " repository:\(from):pull"
    }
}
