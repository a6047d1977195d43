import Testing

@testable import RucheServer

@Suite struct MarkupTests {
    @Test func nothingThatIsPutInIsMarkup() {
        let text = "</p><script>\"'&\u{0}\u{1B}\u{FFFE}"
        let markup: Markup = "<p title=\"\(text)\">\(text)\("<b>" as Markup)</p>"
        #expect(!markup.text.contains("<script") && markup.text.contains("<b>"))
        #expect(markup.text.contains("&lt;/p&gt;&lt;script&gt;&quot;&#39;&amp;\u{FFFD}\u{FFFD}\u{FFFD}"))
    }

    @Test func descriptionsGoOnBelowTheHeadingsOfThePage() {
        let html = Markdown.section("# One\n\n###### Six\n\n<h1>raw</h1>\n\n`<h1>`\n\n[x](javascript:alert(1))")
        #expect(html.contains("<h3>One</h3>") && html.contains("<h6>Six</h6>"), "\(html)")
        #expect(!html.contains("raw</h") && !html.contains("javascript:") && html.contains("&lt;h1&gt;"), "\(html)")
    }
}
