import HTTPTypes
import Hummingbird
import NIOCore

/// A page of the site: one frame, one style sheet, nothing that runs.
struct SitePage {
    var title: String
    /// For `head`: links and data about the page.
    var head: Markup = ""
    var main: Markup

    static let stylePath = "/assets/site.css"

    var markup: Markup {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title)</title>
        <link rel="stylesheet" href="\(Self.stylePath)">
        \(head)</head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header><p class="site">Ruche, a catalogue of environments</p></header>
        <main id="main" tabindex="-1">
        \(main)
        </main>
        </body>
        </html>

        """
    }

    /// Nothing but the style sheet of this site is loaded, nothing runs, nothing is sent, nobody may frame it.
    private static let policy =
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

    static func headers(_ headers: HTTPFields = [:]) -> HTTPFields {
        var headers = headers
        headers[.contentType] = "text/html; charset=utf-8"
        headers[.contentSecurityPolicy] = policy
        headers[.referrerPolicy] = "no-referrer"
        return headers
    }

    func response(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Response {
        Response(
            status: status, headers: Self.headers(headers), body: .init(byteBuffer: ByteBuffer(string: markup.text)))
    }
}
