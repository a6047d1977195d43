import Hummingbird
import RucheCore
import RucheWire

/// A protocol through which the catalogue is read and written. Each tells errors, and asks who one is, in its own way.
package enum Door: Sendable, Hashable {
    /// Our own API and its pages.
    case api
    /// OCI distribution specification 1.1.
    case registry
    /// Vagrant Cloud, versions 1 and 2.
    case vagrant
    /// Image streams that LXD and Incus read.
    case simplestreams
    /// Plain files of releases.
    case files
    /// Pages and documents about the catalogue, for people and programs.
    case page

    /// The one that a path belongs to which no route has.
    init(path: String) {
        switch path.split(separator: "/").first {
        case "v2": self = .registry
        case "streams": self = .simplestreams
        case "files": self = .files
        default: self = path.hasPrefix("/api/v2/") ? .vagrant : .api
        }
    }

    /// The problem in the form that the door's clients read.
    func response(to report: ErrorReport, _ request: Request, _ context: AppRequestContext) -> Response {
        // Boxes have the addresses of pages.
        if self == .page || self == .vagrant, AcceptedTypes(request.headers[.accept]).prefersPages {
            return ErrorPage(report: report).response()
        }
        return switch self {
        case .registry: RegistryProblem(report, request, context).response()
        case .vagrant: VagrantProblem(report: report).response()
        case .api, .simplestreams, .files, .page: report.response()
        }
    }

    /// Whether a name and a password, or a token in its place, may come with each request (RFC 7617).
    var takesBasic: Bool { [.registry, .simplestreams, .files].contains(self) }

    /// A token in another place than the header for it; only old clients of Vagrant Cloud put it there.
    func token(in request: Request) -> String? {
        guard self == .vagrant else { return nil }
        return request.headers[.atlasToken] ?? request.query("access_token")
    }
}
