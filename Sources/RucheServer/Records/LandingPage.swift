import Foundation
import NIOCore
import RucheCore
import RucheImages
import RucheService

/// The page of a record: what it is, how to cite it, how to get it.
struct LandingPage {
    let view: RecordView
    let evidence: ReleaseEvidence
    var record: CatalogueRecord { view.record }

    var page: SitePage {
        SitePage(
            title: view.title, head: head,
            main: """
                <h1>\(view.title)</h1>
                \(record.isRevoked ? tombstone : nil)
                <p>\(view.summary)</p>
                \(text(record.description, "About this environment", "about"))
                \(text(record.releaseNotes, "About this version", "notes"))
                \(facts)
                \(citation)
                \(record.isRevoked ? nil : fetching)
                \(record.isRevoked ? nil : files)
                \(software)
                \(provenance)
                \(versions)
                \(formats)
                """)
    }

    private var head: Markup {
        let links: [Markup] = RecordFormat.metadata.map { format in
            "<link rel=\"alternate\" type=\"\(format.types[0])\" href=\"\(view.address(of: format))\">\n"
        }
        return """
            <link rel="canonical" href="\(view.page)">
            <link rel="cite-as" href="\(view.citedAs)">
            <meta name="description" content="\(view.summary)">
            \(links)<script type="application/ld+json">\(Self.data(SchemaDocument(view: view).json))</script>

            """
    }

    /// JSON that can't end the element it is in.
    private static func data(_ json: JSONValue) -> Markup {
        let buffer = try? JSONCoding.encode(json)  // strings and numbers always can be
        let text = buffer.map { String(buffer: $0) } ?? "{}"
        return Markup(
            trusted: text.replacing("<", with: "\\u003c").replacing(">", with: "\\u003e").replacing(
                "&", with: "\\u0026"))
    }

    private var tombstone: Markup {
        """
        <section class="warning" aria-labelledby="revoked">
        <h2 id="revoked">This version is revoked</h2>
        <p>It was withdrawn on \(Self.day((record.revocation?.at ?? 0) * 1000)). Its files are given to nobody any more; \
        this record stays.</p>
        <p>The reason: \(record.revocation?.reason ?? "")</p>
        </section>
        """
    }

    private func text(_ markdown: String?, _ title: String, _ id: String) -> Markup? {
        guard let markdown, !markdown.isEmpty else { return nil }
        return """
            <section aria-labelledby="\(id)">
            <h2 id="\(id)">\(title)</h2>
            \(Markup(trusted: Markdown.section(markdown)))</section>
            """
    }

    static func day(_ milliseconds: Int64) -> Markup {
        let text = RecordView.day(milliseconds)
        return "<time datetime=\"\(text)\">\(text)</time>"
    }

    static func link(_ url: String?, _ text: String) -> Markup {
        guard let url = RecordView.link(url) else { return "\(text)" }
        return "<a href=\"\(url)\">\(text)</a>"
    }

    // MARK: Facts

    private var facts: Markup {
        """
        <section aria-labelledby="facts">
        <h2 id="facts">Facts</h2>
        <dl>
        \(identity + description)</dl>
        </section>
        """
    }

    private var identity: [Markup] {
        var rows = [fact("Identifier", Self.link(view.resolver(record.ark), record.ark.description))]
        if let doi = record.doi {
            rows.append(fact("DOI", Self.link("https://doi.org/\(doi)", "https://doi.org/\(doi)")))
        }
        if let swhid = record.swhid { rows.append(fact("Recipe (SWHID)", "<code>\(swhid)</code>")) }
        if let digest = record.digest { rows.append(fact("Digest", "<code>\(digest)</code>")) }
        if record.version != nil {
            rows.append(fact("Environment", Self.link(view.environmentPage, record.name.description)))
            rows.append(fact("Published", Self.day(record.publishedAt)))
        }
        return rows
    }

    private var description: [Markup] {
        var rows = [
            fact("Authors", people), fact("Licence", license), fact("Publisher", "\(view.site.publisher)"),
        ]
        if !record.keywords.isEmpty {
            rows.append(fact("Keywords", "\(record.keywords.joined(separator: ", "))"))
        }
        if let homepage = record.homepage { rows.append(fact("Web page", Self.link(homepage, homepage))) }
        if !record.architectures.isEmpty {
            rows.append(fact("For", "\(record.architectures.joined(separator: ", "))"))
        }
        if let recipe = record.recipe { rows.append(fact("Made from", "<code>\(recipe.from.description)</code>")) }
        return rows + [fact("Downloads", "\(record.downloads)")]
    }

    func fact(_ name: String, _ value: Markup) -> Markup { "<dt>\(name)</dt><dd>\(value)</dd>\n" }

    private var people: Markup {
        let people = view.creators.map { Self.link(RecordView.orcid($0), $0.name) }
        return people.dropFirst().reduce(people.first ?? "") { "\($0), \($1)" }
    }

    private var license: Markup {
        guard let license = record.license else { return "not stated" }
        return Self.link(view.licenseURL.map { "\($0).html" }, license)
    }

    // MARK: Citation and metadata

    private var citation: Markup {
        let citation = Citation(view: view)
        return """
            <section aria-labelledby="cite">
            <h2 id="cite">How to cite it</h2>
            <p>\(citation.text)</p>
            <details>
            <summary>BibTeX</summary>
            <pre tabindex="0"><code>\(citation.bibtex)</code></pre>
            </details>
            <p>\(Self.link(view.address(of: .bibtex), "BibTeX file")), \
            \(Self.link(view.address(of: .csl), "CSL-JSON file"))</p>
            </section>
            """
    }

    private var formats: Markup {
        let items: [Markup] = (RecordFormat.metadata + [.linkset]).map { format in
            "<li>\(Self.link(view.address(of: format), format.title))</li>\n"
        }
        return """
            <section aria-labelledby="metadata">
            <h2 id="metadata">This record for programs</h2>
            <ul>
            \(items)</ul>
            </section>
            """
    }
}
