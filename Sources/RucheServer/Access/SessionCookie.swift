import HTTPTypes
import Hummingbird

/// The cookie of a session: not for scripts, not for requests that other sites cause.
enum SessionCookie {
    private static let plainName = "ruche-session"
    /// Browsers take it over TLS only, and from this very host.
    private static let secureName = "__Host-ruche-session"

    /// What the request shows; the one that came over TLS first.
    static func value(in request: Request) -> String? {
        let texts = request.headers[values: .cookie].joined(separator: ";").split(separator: ";")
        let pairs: [[String]] = texts.map { text in
            text.drop { $0 == " " }.split(separator: "=", maxSplits: 1).map(String.init)
        }
        for name in [secureName, plainName] {
            if let pair = pairs.first(where: { $0.count == 2 && $0[0] == name }) { return pair[1] }
        }
        return nil
    }

    static func header(_ secret: String, isSecure: Bool) -> String {
        "\(isSecure ? secureName : plainName)=\(secret); Path=/; HttpOnly; SameSite=Strict"
            + (isSecure ? "; Secure" : "")
    }

    static func removal(isSecure: Bool) -> String { header("", isSecure: isSecure) + "; Max-Age=0" }
}
