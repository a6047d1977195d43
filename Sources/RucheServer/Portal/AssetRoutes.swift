import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What pages load: the style sheet.
package struct AssetRoutes: Sendable {
    package init() {}

    package var routes: [Route] {
        [
            Route(.get, SitePage.stylePath, access: .anyone, door: .page, RouteDocumentation("Sends the style sheet."))
            {
                _, _ in
                Response(
                    status: .ok,
                    headers: [.contentType: "text/css; charset=utf-8", .cacheControl: "public, max-age=3600"],
                    body: .init(byteBuffer: ByteBuffer(string: Self.style)))
            }
        ]
    }

    /// Contrast is 7:1 or more in both schemes; focus is always seen; nothing needs a width.
    private static let style = """
        :root { color-scheme: light dark; --text: #1b1b1b; --back: #ffffff; --soft: #f2f2ee; --line: #767676;
          --link: #0b3d91; --warn: #7a0000; }
        @media (prefers-color-scheme: dark) { :root { --text: #f0f0f0; --back: #16181b; --soft: #23262b;
          --line: #9a9a9a; --link: #a8c7ff; --warn: #ffb3b3; } }
        * { box-sizing: border-box; }
        body { margin: 0 auto; max-width: 60rem; padding: 0 1rem 3rem; color: var(--text); background: var(--back);
          font: 1rem/1.6 system-ui, sans-serif; }
        a { color: var(--link); }
        a:focus-visible, summary:focus-visible, pre:focus-visible, .scroll:focus-visible { outline: 3px solid
          var(--link); outline-offset: 2px; }
        .skip { position: absolute; left: -100rem; }
        .skip:focus { position: static; display: inline-block; padding: .5rem; }
        .site { border-bottom: 1px solid var(--line); padding-bottom: .5rem; }
        h1 { line-height: 1.25; overflow-wrap: anywhere; }
        h2 { margin-top: 2.5rem; }
        dt { font-weight: bold; margin-top: .5rem; }
        dd { margin-left: 0; overflow-wrap: anywhere; }
        pre { background: var(--soft); border: 1px solid var(--line); padding: .75rem; overflow-x: auto; }
        code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; }
        caption { text-align: left; padding-bottom: .25rem; }
        th, td { border: 1px solid var(--line); padding: .35rem .5rem; text-align: left; vertical-align: top; }
        .warning { border: 2px solid var(--warn); padding: .5rem 1rem; }
        .warning h2 { margin-top: .5rem; color: var(--warn); }
        .note { font-size: .9rem; }
        """
}
