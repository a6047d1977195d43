/// A template of Packer 1.6 (JSON), as far as a build has to know it before it is run.
package struct PackerTemplate: Sendable {
    package struct Builder: Hashable, Sendable {
        package var name: String
        package var type: String
        package var place: Place
    }

    /// A file or folder that the template names, by its path below the recipe's folder.
    package struct NamedFile: Hashable, Sendable {
        package var path: String
        package var keyPath: String
        package var place: Place
        /// Whether Packer would stop without it, as nothing else than a file can be meant.
        package var isNeeded: Bool
    }

    package private(set) var builders: [Builder] = []
    /// Default values; nil for a variable that must be given one.
    package private(set) var variables: [String: String?] = [:]
    private(set) var places: [String: Place] = [:]
    private(set) var texts: [Text] = []
    private let file: String

    struct Text {
        var key: String
        var text: String
        var keyPath: String
        var place: Place
        /// Whether it is a name on the build machine, as opposed to one in the guest.
        var isLocal: Bool
    }

    /// Packer's own: it refuses any other that starts without "_".
    private static let rootKeys = [
        "builders", "description", "min_packer_version", "post-processors", "provisioners", "sensitive-variables",
        "variables",
    ]

    /// Reads a template; `file` is how the user named it. It is nil when its problems leave nothing to go on with.
    package static func read(_ text: String, file: String) -> (template: PackerTemplate?, problems: [Problem]) {
        let (root, found) = JSONSource.parse(text, file: file)
        guard let root else { return (nil, found) }
        var source = SourceReader(file: file)
        guard let members = root.map else {
            source.reportType(root, "", allowed: "an object with \"builders\"")
            return (nil, source.problems)
        }
        var template = PackerTemplate(file: file)
        for entry in members where !entry.key.hasPrefix("_") && !rootKeys.contains(entry.key) {
            source.report(
                entry.keyPlace, entry.key, "is no key of a template", allowed: rootKeys.joined(separator: ", "),
                suggestion: Spelling.nearest(entry.key, among: rootKeys))
        }
        func member(_ key: String) -> SourceNode? { members.first { $0.key == key }?.value }
        template.readVariables(member("variables"), &source)
        template.readBuilders(member("builders"), root, &source)
        for key in ["builders", "provisioners", "post-processors"] {
            if let node = member(key) { template.collect(node, key, key, isLocal: true) }
        }
        return (template, found + source.problems)
    }

    private init(file: String) { self.file = file }

    private mutating func readVariables(_ node: SourceNode?, _ source: inout SourceReader) {
        guard let node else { return }
        guard let map = node.map else { return source.reportType(node, "variables", allowed: "an object") }
        for entry in map {
            let path = SourceReader.join("variables", entry.key)
            places[entry.key] = entry.value.place
            guard entry.value.scalar != nil else {
                source.reportType(entry.value, path, allowed: "text, or null for one that must be given")
                continue
            }
            variables[entry.key] = .some(entry.value.isNull ? nil : entry.value.scalar)
        }
    }

    private mutating func readBuilders(_ node: SourceNode?, _ root: SourceNode, _ source: inout SourceReader) {
        guard let node, let list = node.list, !list.isEmpty else {
            return source.report(
                (node ?? root).place, "builders", "has no builder, so nothing would be made",
                allowed: "a list with at least one builder")
        }
        for (index, item) in list.enumerated() {
            func text(_ key: String) -> String? { item.map?.first { $0.key == key }?.value.scalar }
            guard let type = text("type") else {
                source.report(item.place, "builders[\(index)].type", "required key is missing")
                continue
            }
            let builder = Builder(name: text("name") ?? type, type: type, place: item.place)
            if builders.contains(where: { $0.name == builder.name }) {
                source.report(
                    item.place, "builders[\(index)]", "has the name of another builder",
                    found: SourceNode.quoted(builder.name), allowed: "a \"name\" of its own")
            }
            builders.append(builder)
        }
    }

    /// Every text in quotes below a node.
    private mutating func collect(_ node: SourceNode, _ key: String, _ path: String, isLocal: Bool) {
        switch node.content {
        case .scalar(let text, let isPlain):
            guard !isPlain else { return }
            texts.append(Text(key: key, text: text, keyPath: path, place: node.place, isLocal: isLocal))
        case .list(let items):
            for (index, item) in items.enumerated() {
                collect(item, key, "\(path)[\(index)]", isLocal: isLocal)
            }
        case .map(let entries):
            // A provisioner may bring files out of the guest: their source is there.
            let isDownload = entries.contains { $0.key == "direction" && $0.value.scalar == "download" }
            for entry in entries {
                collect(
                    entry.value, entry.key, SourceReader.join(path, entry.key),
                    isLocal: isLocal && !(isDownload && ["source", "sources"].contains(entry.key)))
            }
        }
    }

    func problem(_ place: Place?, _ path: String, _ message: String, found: String? = nil, allowed: String? = nil)
        -> Problem
    {
        Problem(
            file: file, line: place?.line, column: place?.column, path: path, message: message, found: found,
            allowed: allowed)
    }
}
