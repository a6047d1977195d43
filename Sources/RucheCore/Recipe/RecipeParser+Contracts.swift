extension RecipeParser {
    /// `pipeline:`.
    mutating func pipeline(_ node: SourceNode) -> PipelineContract? {
        guard let fields = source.fields(node, "pipeline", RecipeKeys.pipeline) else { return nil }
        let job = command(fields["job"], fields.path("job"))
        var pipeline = PipelineContract(job: job ?? "")
        directories(&pipeline, fields)
        pipeline.form = relativePath(fields["form"], fields.path("form"))
        pipeline.network = source.boolean(fields["network"], fields.path("network")) ?? false
        pipeline.references = references(fields["references"], fields.path("references"))
        if let limits = fields["limits"] { pipeline.limits = self.limits(limits, fields.path("limits")) }
        return pipeline
    }

    /// A command line that splits into words.
    private mutating func command(_ node: SourceNode?, _ path: String) -> String? {
        source.value(node, path, allowed: "a command line of one line, with every quote closed") { text in
            guard text.utf8.count <= 4096, !text.contains(where: \.isNewline), let words = ShellWords.split(text),
                let first = words.first, !first.isEmpty
            else { return nil }
            return text
        }
    }

    private mutating func directories(_ pipeline: inout PipelineContract, _ fields: SourceFields) {
        let keys: [(String, WritableKeyPath<PipelineContract, String>)] = [
            ("inputs", \.inputs), ("outputs", \.outputs), ("logs", \.logs), ("databases", \.databases),
        ]
        let rule = "\(PathSyntax.absoluteRule), not / and not in /dev, /proc or /sys"
        for (key, target) in keys {
            let path = source.value(fields[key], fields.path(key), allowed: rule) { text -> String? in
                guard let path = PathSyntax.absolute(text), path != "/" else { return nil }
                return ["/dev", "/proc", "/sys"].contains { PathSyntax.isSame(path, orBelow: $0) } ? nil : path
            }
            if let path { pipeline[keyPath: target] = path }
        }
        for (index, one) in keys.enumerated() {
            for other in keys[..<index] {
                let (path, before) = (pipeline[keyPath: one.1], pipeline[keyPath: other.1])
                guard PathSyntax.isSame(path, orBelow: before) || PathSyntax.isSame(before, orBelow: path) else {
                    continue
                }
                // A default is never at fault: the problem stands at what was written.
                let (key, against) = fields[one.0] != nil ? (one.0, other) : (other.0, one)
                source.report(
                    fields.place(key), fields.path(key), "is the same as, in or around \(against.0)",
                    found: SourceNode.quoted(fields[key]?.scalar ?? path),
                    allowed: "a folder apart from \(pipeline[keyPath: against.1])")
            }
        }
    }

    private mutating func references(_ node: SourceNode?, _ path: String) -> [DatabaseReference]? {
        let found = source.list(node, path, of: "reference databases") { source, node, path in
            source.value(node, path, allowed: DatabaseReference.rule) { DatabaseReference($0) }
        }
        source.reportRepeated(node, path)
        return found?.isEmpty == true ? nil : found
    }

    private mutating func limits(_ node: SourceNode, _ path: String) -> ResourceLimits {
        guard let fields = source.fields(node, path, RecipeKeys.limits) else { return ResourceLimits() }
        var limits = ResourceLimits()
        if let node = fields["cpus"] {
            limits.cpus = node.number.flatMap { (0.01...4096).contains($0) ? $0 : nil }
            if limits.cpus == nil {
                source.report(
                    node.place, fields.path("cpus"), "is not valid", found: node.summary,
                    allowed: "a number from 0.01 to 4096, such as 2 or 1.5")
            }
        }
        limits.memory = size(fields["memory"], fields.path("memory"), least: 4 << 20)
        limits.processes = source.integer(fields["processes"], fields.path("processes"), in: 1...4_194_304)
        limits.disk = size(fields["disk"], fields.path("disk"), least: 1 << 20)
        limits.time = source.value(
            fields["time"], fields.path("time"), allowed: "a duration from 1s to 3650d, such as 90s, 15m, 2h or 7d",
            isTakenAsWritten: true
        ) { text in
            Duration(parsing: text).map { Int($0.components.seconds) }.flatMap {
                (1...315_360_000).contains($0) ? $0 : nil
            }
        }
        return limits
    }

    mutating func size(_ node: SourceNode?, _ path: String, least: Int64, most: Int64 = .max) -> ByteCount? {
        let end = most == .max ? "" : " and at most \(ByteCount(most))"
        return source.value(
            node, path, allowed: "a size of at least \(ByteCount(least))\(end), such as 512M, 1.5G or 2T",
            isTakenAsWritten: true
        ) { text in
            ByteCount(parsing: text).flatMap { (least...most).contains($0.bytes) ? $0 : nil }
        }
    }

    /// `service:`.
    mutating func service(_ node: SourceNode) -> ServiceContract? {
        guard let fields = source.fields(node, "service", RecipeKeys.service) else { return nil }
        var service = ServiceContract()
        service.commands =
            source.texts(
                fields["commands"], fields.path("commands"), keys: "names of lower case letters, digits and \"-\"",
                isKey: { $0.wholeMatch(of: /[a-z][a-z0-9-]{0,62}/) != nil }) ?? [:]
        for entry in fields["commands"]?.map ?? [] {
            _ = command(entry.value, SourceReader.join(fields.path("commands"), entry.key))
        }
        service.ports =
            source.list(fields["ports"], fields.path("ports"), of: "ports") { source, node, path in
                source.integer(node, path, in: 1...65535)
            } ?? []
        source.reportRepeated(fields["ports"], fields.path("ports"))
        if let node = fields["health"] { service.health = health(node, fields.path("health"), ports: service.ports) }
        if let node = fields["capabilities"] {
            service.capabilities = capabilities(node, fields.path("capabilities"))
        }
        return service
    }

    private mutating func capabilities(_ node: SourceNode, _ path: String) -> [ServiceCapability]? {
        let known = ServiceCapability.allCases.map(\.rawValue)
        let found = source.list(node, path, of: "capabilities") { source, node, path in
            choice(&source, node, path, "is not a capability that services get", among: known)
                .flatMap(ServiceCapability.init(rawValue:))
        }
        source.reportRepeated(node, path)
        return found?.isEmpty == true ? nil : found
    }

    private mutating func health(_ node: SourceNode, _ path: String, ports: [Int]) -> ServiceContract.Health? {
        guard let fields = source.fields(node, path, RecipeKeys.health) else { return nil }
        let http = source.value(
            fields["http"], fields.path("http"), allowed: "a path that starts with /, such as /health"
        ) {
            $0.wholeMatch(of: /\/[^\s]{0,1023}/) != nil ? $0 : nil
        }
        let port = source.integer(fields["port"], fields.path("port"), in: 1...65535)
        if let port, !ports.isEmpty, !ports.contains(port) {
            source.report(
                fields.place("port"), fields.path("port"), "is none of the ports of the service", found: "\(port)",
                allowed: ports.map(String.init).joined(separator: ", "))
        }
        guard let http, let port else { return nil }
        return ServiceContract.Health(http: http, port: port)
    }
}
