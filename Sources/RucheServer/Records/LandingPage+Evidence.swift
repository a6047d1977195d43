import RucheBuild
import RucheCore
import RucheService

/// What is inside, and how it came to be. All of this is what others wrote into documents.
extension LandingPage {
    /// Text of others in a place of its own: however it is long or turns the direction of writing, the rest stays.
    /// Unicode scalars are counted, since one letter may have any number of marks.
    private static func foreign(_ text: String) -> Markup {
        let scalars = text.unicodeScalars
        guard let end = scalars.index(scalars.startIndex, offsetBy: 200, limitedBy: scalars.endIndex),
            end < scalars.endIndex
        else { return "<bdi>\(text)</bdi>" }
        return "<bdi>\(String(scalars[..<end]))…</bdi>"
    }

    private func address(_ kind: ArtifactKind) -> String? {
        record.files.first { $0.place == .document(kind) }.flatMap { view.address(of: $0) }
    }

    // MARK: Software

    var software: Markup? {
        guard let packages = evidence.packages else { return nil }
        let count = evidence.packageCount
        let file = Self.link(address(.sbom), "bill of materials (SPDX)")
        return """
            <section aria-labelledby="software">
            <h2 id="software">Software in it</h2>
            <p>Its \(file) lists \(count == 1 ? "one package" : "\(count) packages").</p>
            \(packages.isEmpty ? nil : table(packages, of: count))</section>
            """
    }

    private func table(_ packages: [SoftwarePackage], of count: Int) -> Markup {
        let isCut = count > packages.count
        let rows: [Markup] = packages.map { package in
            """
            <tr><th scope="row">\(Self.foreign(package.name))</th><td>\(Self.foreign(package.version))</td>\
            <td>\(package.license.map(Self.foreign) ?? "not known")</td></tr>

            """
        }
        let rest: Markup? = isCut ? "\(Self.cut(packages.count, address(.sbom)))\n" : nil
        return """
            <details>
            <summary>\(isCut ? "The first \(packages.count) packages" : "The packages")</summary>
            <div class="scroll" role="region" aria-labelledby="software" tabindex="0">
            <table>
            <caption>Each package with its version and its licence</caption>
            <thead><tr><th scope="col">Package</th><th scope="col">Version</th><th scope="col">Licence</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            </div>
            \(rest)</details>

            """
    }

    // MARK: Provenance

    var provenance: Markup? {
        let rows = built + made
        guard !rows.isEmpty else { return nil }
        let file: Markup? = address(.provenance).map { "<p>\(Self.link($0, "The whole record of the build"))</p>\n" }
        return """
            <section aria-labelledby="provenance">
            <h2 id="provenance">How it was made</h2>
            <dl>
            \(rows)</dl>
            \(file)</section>
            """
    }

    /// When, on what, and with what.
    private var built: [Markup] {
        guard let provenance = evidence.provenance else { return [] }
        let tools: [Markup] = provenance.tools.sorted { $0.key < $1.key }.prefix(ReleaseEvidence.listLimit).map {
            "<li>\(Self.foreign($0.key)): \(Self.foreign($0.value))</li>\n"
        }
        var rows = [
            fact("Built", "\(Self.time(provenance.startedAt)) to \(Self.time(provenance.finishedAt))"),
            fact(
                "Builder",
                "Ruche on Linux \(Self.foreign(provenance.kernel)), \(Self.foreign(provenance.architecture))"),
        ]
        if !tools.isEmpty { rows.append(fact("Programs", "<ul>\n\(tools)</ul>")) }
        return rows + base(provenance.base)
    }

    private func base(_ base: BuildLock.Base) -> [Markup] {
        var rows = [fact("Base", Self.foreign(base.reference))]
        if let mirror = base.mirror { rows.append(fact("Packages of the base from", Self.foreign(mirror))) }
        if let snapshot = base.snapshot { rows.append(fact("As of", Self.foreign(snapshot))) }
        if !base.layers.isEmpty {
            rows.append(fact("Digests of the base", list(base.layers.prefix(ReleaseEvidence.listLimit).map(code))))
        }
        if let packer = base.packer {
            rows.append(fact("Packer", "\(Self.foreign(packer.version)), builder \(Self.foreign(packer.builder))"))
            rows.append(fact("Template", code(packer.template)))
            rows.append(fact("Disk that came of it", code(packer.disk)))
        }
        return rows
    }

    /// What it was made from, and by which steps.
    private var made: [Markup] {
        var rows: [Markup] = []
        for (name, kind, digest) in [("Recipe", ArtifactKind.recipe, evidence.recipe), ("Lock", .lock, evidence.lock)] {
            if let digest { rows.append(fact(name, "\(Self.link(address(kind), name)) \(code(digest))")) }
        }
        if !evidence.sources.isEmpty {
            let items: [Markup] = evidence.sources.map { "\(Self.foreign($0.path)) \(code($0.digest))" }
            rows.append(
                fact("Files that the recipe read", folded(items, of: evidence.sourceCount, "file", address(.lock))))
        }
        if let steps = evidence.provenance?.steps, !steps.isEmpty {
            let items: [Markup] = steps.prefix(ReleaseEvidence.listLimit).map {
                "\(Self.foreign($0.title)) \(code($0.digest))"
            }
            rows.append(fact("Steps", folded(items, of: steps.count, "step", address(.provenance))))
        }
        return rows
    }

    private func folded(_ items: [Markup], of count: Int, _ what: String, _ whole: String?) -> Markup {
        let rest = count > items.count ? Self.cut(items.count, whole) : nil
        return "<details><summary>\(count) \(what)\(count == 1 ? "" : "s")</summary>\n\(list(items))\(rest)</details>"
    }

    /// Said below a list that shows its beginning.
    private static func cut(_ count: Int, _ whole: String?) -> Markup {
        "<p>These are the first \(count): \(link(whole, "the whole list")).</p>"
    }

    private func list(_ items: [Markup]) -> Markup {
        "<ul>\n\(items.map { "<li>\($0)</li>\n" as Markup })</ul>"
    }

    private func code(_ digest: Digest) -> Markup { "<code>\(digest)</code>" }

    /// A time as the document has it; as one that programs know only where it is one.
    private static func time(_ text: String) -> Markup {
        guard let time = Timestamp.milliseconds(text) else { return foreign(text) }
        let known = RecordView.time(time)
        return "<time datetime=\"\(known)\">\(known)</time>"
    }
}
