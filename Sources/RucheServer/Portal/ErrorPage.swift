import HTTPTypes
import Hummingbird
import RucheWire

/// An error for a person with a browser.
struct ErrorPage {
    let report: ErrorReport

    func response() -> Response {
        let document = report.document
        var headers = report.headers
        headers[.cacheControl] = "no-store"
        let page = SitePage(
            title: document.title,
            main: """
                <h1>\(document.title)</h1>
                <p>\(document.detail)</p>
                <p class="note">Status \(document.status), request \(document.requestID ?? "unknown").</p>
                """)
        return page.response(status: .init(code: document.status), headers: headers)
    }
}
