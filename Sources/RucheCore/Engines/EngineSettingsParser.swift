/// Reads the configuration's list `engines`. Pure: whether an engine answers is found out elsewhere.
package struct EngineSettingsParser {
    private var source: SourceReader

    /// The engines of a configuration file's text, or every problem with its place.
    package static func parse(_ text: String, file: String) -> (engines: [EngineSettings], problems: [Problem]) {
        let (root, problems) = YAMLSource.parse(text, file: file)
        guard let node = root?.map?.first(where: { $0.key == "engines" })?.value else { return ([], problems) }
        var parser = EngineSettingsParser(source: SourceReader(file: file))
        let engines =
            parser.source.list(node, "engines", of: "engines") { Self.engine(&$0, $1, $2) } ?? []
        parser.checkNames(engines, node)
        return (engines, problems + parser.source.problems)
    }

    private static func engine(_ source: inout SourceReader, _ node: SourceNode, _ path: String) -> EngineSettings? {
        let names = EngineSettings.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        guard let map = node.map else {
            source.reportType(node, path, allowed: "a map with name, kind and the settings of that kind")
            return nil
        }
        guard let entry = map.first(where: { $0.key == "kind" }) else {
            source.report(node.place, SourceReader.join(path, "kind"), "required key is missing", allowed: names)
            return nil
        }
        let kind = source.value(entry.value, SourceReader.join(path, "kind"), allowed: names) {
            EngineSettings.Kind(rawValue: $0)
        }
        guard let kind else { return nil }
        let types = EngineKeys.table(kind)
        let required = ["kind"] + EngineKeys.required(kind)
        let optional = (types.keys.sorted() + ["name"]).filter { !required.contains($0) }
        guard let fields = source.fields(node, path, KeyTable("engines[]", required: required, optional: optional))
        else { return nil }
        var settings = EngineSettings(name: kind.rawValue, kind: kind)
        if fields["name"] != nil {
            let rule = "lower case letters, digits and \"-\", at most 32"
            settings.name =
                source.value(fields["name"], fields.path("name"), allowed: rule, isTakenAsWritten: true) {
                    $0.wholeMatch(of: /[a-z0-9][a-z0-9-]{0,31}/) == nil ? nil : $0
                } ?? ""
        }
        for (key, type) in types.sorted(by: { $0.key < $1.key }) {
            settings.values[key] = value(&source, fields[key], fields.path(key), type)
        }
        checkTogether(&source, settings, fields)
        return settings
    }

    private static func value(
        _ source: inout SourceReader, _ node: SourceNode?, _ path: String, _ type: EngineKeys.ValueType
    ) -> JSONValue? {
        switch type {
        case .path:
            source.value(node, path, allowed: "an absolute path") { $0.hasPrefix("/") ? .string($0) : nil }
        case .text: source.text(node, path, isTakenAsWritten: true).map { .string($0) }
        case .authority:
            source.value(node, path, allowed: "host:port") {
                $0.wholeMatch(of: /(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}/) == nil ? nil : .string($0)
            }
        case .connection:
            source.value(
                node, path, allowed: "a connection to this machine's own libvirt: qemu:///system, or qemu:///session",
                isTakenAsWritten: true
            ) {
                $0.wholeMatch(of: #/qemu(?:\+unix)?:///(?:system|session)(?:\?socket=/[^&?#]+)?/#) == nil
                    ? nil : .string($0)
            }
        case .count: source.integer(node, path, in: 1...1_000_000).map { .integer(Int64($0)) }
        case .size:
            source.value(node, path, allowed: "a size such as 64G") {
                ByteCount(parsing: $0).map { .integer($0.bytes) }
            }
        case .words:
            source.list(node, path, of: "words", isEmptyAllowed: false) { source, node, path in
                source.text(node, path, limit: 4096, isTakenAsWritten: true).map { JSONValue.string($0) }
            }.map { .array($0) }
        case .variables:
            source.texts(node, path, keys: "names of variables") {
                $0.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
            }.map { .object($0.mapValues { .string($0) }) }
        }
    }

    private static func checkTogether(
        _ source: inout SourceReader, _ settings: EngineSettings, _ fields: SourceFields
    ) {
        if fields["socket"] != nil, fields["address"] != nil {
            source.report(fields.place("address"), fields.path("address"), "is given beside \"socket\": keep one")
        }
        for key in ["authority", "server_certificate", "certificate", "key"]
        where fields[key] != nil && fields["address"] == nil {
            source.report(fields.place(key), fields.path(key), "needs \"address\": a socket has no TLS")
        }
        for (key, other) in [("certificate", "key"), ("key", "certificate")]
        where fields[key] != nil && fields[other] == nil {
            source.report(fields.place(key), fields.path(key), "needs \"\(other)\" beside it")
        }
        if settings.kind == .lxd, fields["address"] != nil { checkServer(&source, fields) }
    }

    /// LXD on the network knows its clients by certificates, and is known by its own.
    private static func checkServer(_ source: inout SourceReader, _ fields: SourceFields) {
        let (authority, own) = (fields["authority"], fields["server_certificate"])
        if authority == nil, own == nil {
            source.report(
                fields.place("address"), fields.path("address"),
                "needs \"server_certificate\" or \"authority\" beside it: nobody verifies the server without"
            )
        }
        if authority != nil, own != nil {
            source.report(
                fields.place("authority"), fields.path("authority"), "is given beside \"server_certificate\": keep one")
        }
        if fields["certificate"] == nil, fields["key"] == nil {
            source.report(
                fields.place("address"), fields.path("address"), "needs \"certificate\" and \"key\" beside it")
        }
    }

    private mutating func checkNames(_ engines: [EngineSettings], _ node: SourceNode) {
        var seen: Set<String> = []
        for engine in engines where !seen.insert(engine.name).inserted {
            source.report(
                node.place, "engines", "two engines have the same name: give each its own \"name\"",
                found: SourceNode.quoted(engine.name))
        }
        for engine in engines
        where engine.name == "qemu" || engine.name == "oci-runtime" && engine.kind != .ociRuntime {
            source.report(node.place, "engines", "the name \"\(engine.name)\" is the built-in engine's")
        }
    }
}
