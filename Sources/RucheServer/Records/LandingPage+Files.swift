import RucheCore
import RucheImages
import RucheService

extension LandingPage {
    private var version: String { (record.version ?? view.newest).map { "\($0)" } ?? "" }
    private var reference: String { "\(view.host)/\(record.name):\(version)" }

    // MARK: How to fetch it

    var fetching: Markup? {
        guard !version.isEmpty, !record.variants.isEmpty else { return nil }
        let items: [Markup] = commands.map { name, lines in
            """
            <h3>\(name)</h3>
            <pre tabindex="0"><code>\(lines.joined(separator: "\n"))</code></pre>

            """
        }
        return """
            <section aria-labelledby="fetch">
            <h2 id="fetch">How to get it</h2>
            \(items)</section>
            """
    }

    /// For each client that can take one of the variants.
    var commands: [(name: String, lines: [String])] {
        let formats = Set(record.variants.map(\.format))
        var all: [(String, [String])] = []
        if record.isPipeline {
            all.append(
                (
                    "ruche",
                    [
                        "ruche run --server \(view.origin) \(record.name):\(version)",
                        "ruche run --server \(view.origin) \(record.ark)",
                    ]
                ))
        } else {
            all.append(("ruche", ["ruche image show --server \(view.origin) \(record.name):\(version)"]))
        }
        if formats.contains("oci") {
            let insecure = view.origin.hasPrefix("http://")
            all.append(("docker", ["docker pull \(reference)"]))
            all.append(("podman", ["podman pull \(insecure ? "--tls-verify=false " : "")\(reference)"]))
            all.append(
                (
                    "skopeo",
                    [
                        "skopeo copy \(insecure ? "--src-tls-verify=false " : "")docker://\(reference) oci:\(record.name.name):\(version)"
                    ]
                ))
        }
        for provider in providers {
            all.append(
                (
                    "vagrant (\(provider))",
                    [
                        "VAGRANT_SERVER_URL=\(view.origin) vagrant box add \(record.name) --box-version \(version) --provider \(provider)"
                    ]
                ))
        }
        if formats.contains("lxd") {
            all.append(
                (
                    "lxc",
                    [
                        "lxc remote add site \(view.origin) --protocol simplestreams",
                        "lxc launch site:\(record.name):\(version) \(record.name.name)",
                    ]
                ))
        }
        if !formats.isDisjoint(with: ["qcow2", "raw"]) {
            all.append(("machine", ["ruche up \(record.name):\(version)"]))
        }
        if let file = record.files.first(where: { isFile($0) }), let address = view.address(of: file) {
            all.append(("curl", ["curl -L -C - -o \(Self.saved(file)) \(address)"]))
        }
        return all
    }

    private var providers: [String] {
        record.files.reduce(into: []) { providers, file in
            let provider = String(file.format.dropFirst("vagrant/".count))
            if file.format.hasPrefix("vagrant/"), !providers.contains(provider) { providers.append(provider) }
        }
    }

    private func isFile(_ file: RecordFile) -> Bool {
        if case .manifest = file.place { return false }
        return view.address(of: file) != nil
    }

    /// A name that no shell reads anything into.
    private static func saved(_ file: RecordFile) -> String {
        let name = file.name.filter { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
        return name.isEmpty || name.hasPrefix("-") || name.hasPrefix(".") ? "file" : name
    }

    // MARK: Files

    var files: Markup? {
        guard !record.files.isEmpty else { return nil }
        let rows: [Markup] = record.files.map { file in
            """
            <tr><th scope="row">\(Self.link(view.address(of: file), file.name))</th>\
            <td>\(file.format)\(file.architecture.map { ", \($0)" as Markup })</td>\
            <td>\(file.size.map { ByteCount($0).description } ?? "")</td>\
            <td><code>\(hash(file))</code></td></tr>

            """
        }
        return """
            <section aria-labelledby="files">
            <h2 id="files">Files</h2>
            <div class="scroll" role="region" aria-labelledby="files" tabindex="0">
            <table>
            <caption>Each file with its size and its hash</caption>
            <thead><tr><th scope="col">File</th><th scope="col">Form</th><th scope="col">Size</th>\
            <th scope="col">Hash</th></tr></thead>
            <tbody>
            \(rows)</tbody>
            </table>
            </div>
            </section>
            """
    }

    private func hash(_ file: RecordFile) -> String {
        file.digest?.description ?? file.checksum.map { "\($0.kind.rawValue):\($0.hex)" } ?? "none is stated"
    }

    // MARK: Versions

    var versions: Markup {
        let items: [Markup] = record.versions.map { version in
            let revoked: Markup? = version.revokedReason.map { ", revoked: \($0)" }
            let current: Markup? = version.version == record.version ? " (this one)" : nil
            return """
                <li>\(Self.link(view.page(of: version), version.version.description))\(current), \
                \(Self.day(version.publishedAt))\(revoked)</li>

                """
        }
        return """
            <section aria-labelledby="versions">
            <h2 id="versions">Versions</h2>
            \(items.isEmpty ? "<p>None is released yet.</p>" : "<ul>\n\(items)</ul>" as Markup)
            </section>
            """
    }
}
