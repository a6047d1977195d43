extension RecipeParser {
    /// `packer:`.
    mutating func packer(_ node: SourceNode) -> PackerContract? {
        guard let fields = source.fields(node, "packer", RecipeKeys.packer) else { return nil }
        var packer = PackerContract()
        packer.builder = source.text(fields["builder"], fields.path("builder"), limit: 256)
        packer.variables =
            source.texts(
                fields["variables"], fields.path("variables"), keys: Self.variableRule, isKey: Self.isVariable) ?? [:]
        packer.variableFiles = paths(fields["variable_files"], fields.path("variable_files"))
        packer.secrets =
            source.list(fields["secrets"], fields.path("secrets"), of: "variables") { source, node, path in
                source.value(node, path, allowed: Self.variableRule) { Self.isVariable($0) ? $0 : nil }
            } ?? []
        source.reportRepeated(fields["secrets"], fields.path("secrets"))
        packer.files = paths(fields["files"], fields.path("files"))
        let formats = PackerContract.Format.allCases.map(\.rawValue)
        packer.format = source.value(
            fields["format"], fields.path("format"), allowed: formats.joined(separator: ", ")
        ) { PackerContract.Format(rawValue: $0) }
        for (index, name) in packer.secrets.enumerated() where packer.variables[name] != nil {
            source.report(
                source.places["packer.secrets[\(index)]"], "packer.secrets[\(index)]",
                "is a secret, and packer.variables gives it a value for all to read", found: SourceNode.quoted(name))
        }
        files += packer.recipeFiles
        return packer
    }

    private static let variableRule = "names of letters, digits, \"_\", \"-\" and \".\""
    private static func isVariable(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_.-]{0,254}/) != nil
    }

    private mutating func paths(_ node: SourceNode?, _ path: String) -> [String] {
        let found = source.list(node, path, of: "paths beside the recipe") { source, node, path in
            source.value(node, path, allowed: PathSyntax.relativeRule) { PathSyntax.relative($0) }
        }
        source.reportRepeated(node, path)
        return found ?? []
    }

    /// Holds the recipe to what a finished disk can be: nothing runs in it, and nothing is written to it.
    mutating func checkDiskBase(_ recipe: inout Recipe, _ fields: SourceFields) {
        guard case .packerTemplate(let template) = recipe.from else {
            if let node = fields["packer"] {
                source.report(
                    node.place, "packer", "is about a template of Packer, and the recipe starts from none",
                    found: recipe.from.description, allowed: "from: packer:TEMPLATE")
            }
            return
        }
        for (index, node) in (fields["steps"]?.list ?? []).enumerated() {
            let kind = node.map?.first?.key ?? "step"
            source.report(
                node.place, "steps[\(index)]", "changes files of a container, and what Packer makes is a whole disk",
                found: kind, allowed: "a provisioner in \(template)")
        }
        let reasons = [
            "tests": "run in a container: test in a provisioner of \(template)",
            "pipeline": "is run in containers", "env": "is of a container's image",
            "workdir": "is of a container's image", "user": "is of a container's image: say machine.user",
            "labels": "are of a container's image", "mirror": "is not used: \(template) says where packages come from",
            "snapshot": "is not used: \(template) says where packages come from",
        ]
        for (key, reason) in reasons.sorted(by: { $0.key < $1.key }) {
            if let node = fields[key] { source.report(node.place, key, "\(reason); a packer: base is a disk") }
        }
        checkDiskMachine(fields, template)
        checkDiskVariants(&recipe, fields)
    }

    private mutating func checkDiskMachine(_ fields: SourceFields, _ template: String) {
        let reasons = [
            "disk": "is as large as \(template) makes it: say disk_size there",
            "kernel": "is the one that \(template) installs",
            "keys": "can't be put on a finished disk: do it in \(template)",
            "network": "can't be put on a finished disk: do it in \(template)",
        ]
        for entry in fields["machine"]?.map ?? [] {
            guard let reason = reasons[entry.key] else { continue }
            source.report(entry.value.place, "machine.\(entry.key)", reason)
        }
    }

    private mutating func checkDiskVariants(_ recipe: inout Recipe, _ fields: SourceFields) {
        guard let node = fields["variants"] else {
            recipe.variants = [.qcow2]
            return
        }
        let allowed = VariantFormat.allCases.filter(\.isMachine).map(\.rawValue).joined(separator: ", ")
        for (index, item) in (node.list ?? []).enumerated() {
            guard let variant = item.scalar.flatMap(VariantFormat.init(rawValue:)), !variant.isMachine else { continue }
            source.report(
                item.place, "variants[\(index)]", "is a container, and a disk can't become one",
                found: variant.rawValue, allowed: allowed)
        }
    }
}

extension PackerContract {
    /// What it names beside the recipe.
    var recipeFiles: [RecipeFile] {
        variableFiles.enumerated().map {
            RecipeFile(path: $0.element, keyPath: "packer.variable_files[\($0.offset)]", kind: .file)
        }
            + files.enumerated().map {
                RecipeFile(path: $0.element, keyPath: "packer.files[\($0.offset)]", kind: .either, followsLinks: true)
            }
    }
}
