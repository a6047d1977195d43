import CCmark
import Glibc

/// CommonMark as HTML that can run nothing: raw HTML is left out, and so are addresses of scripts and data.
enum Markdown {
    static func html(_ text: String) -> String {
        // The library's own default since 0.29; named, so that it can't change under us.
        guard let html = cmark_markdown_to_html(text, text.utf8.count, CMARK_OPT_SAFE) else { return "" }
        defer { free(html) }
        return String(cString: html)
    }

    /// The same below a heading of the second level: headings go on from there, so that a page has one first one.
    static func section(_ text: String) -> String {
        html(text).replacing(/<(\/?)h([1-6])>/) { match in
            "<\(match.output.1)h\(min(6, (Int(match.output.2) ?? 1) + 2))>"
        }
    }
}
