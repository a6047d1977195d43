import HTTPTypes
import Hummingbird

extension Request {
    /// `http(s)://HOST[:PORT]`, as the client reached this server.
    func origin(_ context: AppRequestContext) -> String {
        "\(context.isSecure(self) ? "https" : "http")://\(head.authority ?? "localhost")"
    }
}
