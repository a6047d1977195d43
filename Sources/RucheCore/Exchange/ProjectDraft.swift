/// A recipe drafted from files that other programs read, and what of them it could not carry over.
package struct ProjectDraft: Sendable {
    /// Whether a path beside the recipe is there, and a folder.
    package typealias Look = @Sendable (_ path: String) -> (exists: Bool, isFolder: Bool)

    package var name: EnvironmentName
    package var version = "0.1.0"
    package var summary: String?
    package var authors: [Recipe.Author] = []
    package var license: String?
    package var keywords: [String] = []
    package var homepage: String?
    /// Nil until something says what it starts from.
    package var suite: String?
    package private(set) var steps: [YAMLText] = []
    package var disk: String?
    package var memory: String?
    package var cpus: Int64?
    package private(set) var ports: [Int] = []
    package private(set) var variants: [VariantFormat] = []
    /// Each with its file and, where there is one, its line.
    package private(set) var notes: [Problem] = []

    let look: Look
    private var playbooks: Set<String> = []

    package init(name: EnvironmentName, look: @escaping Look) {
        self.name = name
        self.look = look
    }

    mutating func note(_ file: String, _ line: Int?, _ what: String, _ message: String) {
        notes.append(Problem(file: file, line: line, path: what, message: message))
    }

    mutating func add(port: Int) { if (1...65535).contains(port), !ports.contains(port) { ports.append(port) } }
    mutating func add(variant: VariantFormat) { if !variants.contains(variant) { variants.append(variant) } }

    /// Text that is a script itself.
    mutating func addScript(_ text: String, env: [String: String] = [:]) {
        let text = text.hasSuffix("\n") ? text : text + "\n"
        var step: [YAMLText.Entry] = [.init("run", .text(text)), .init("network", .bool(true))]
        if !env.isEmpty { step.append(.init("env", Self.map(env))) }
        steps.append(.map([.init("shell", .map(step))]))
    }

    mutating func addScript(file path: String, env: [String: String] = [:], _ source: String, _ line: Int?) {
        guard let path = beside(path, isFolder: false, source, line) else { return }
        var step: [YAMLText.Entry] = [
            .init("script", .text(path)), .init("interpreter", .text("bash -e")), .init("network", .bool(true)),
        ]
        if !env.isEmpty { step.append(.init("env", Self.map(env))) }
        steps.append(.map([.init("shell", .map(step))]))
    }

    mutating func addCopy(_ from: String, to target: String, _ source: String, _ line: Int?) {
        guard target.hasPrefix("/"), PathSyntax.absolute(target, keepsSlash: true) != nil else {
            return note(source, line, "copy", "\"\(target)\" is not absolute: copy \(from) where it has to be")
        }
        guard let from = beside(from, isFolder: nil, source, line) else { return }
        steps.append(.map([.init("copy", .map([.init("from", .text(from)), .init("to", .text(target))]))]))
    }

    /// A playbook that nothing else runs.
    package mutating func readPlaybook(_ path: String) { addPlaybook(path, path, nil) }

    mutating func addPlaybook(_ path: String, _ source: String, _ line: Int?) {
        guard let path = beside(path, isFolder: false, source, line), playbooks.insert(path).inserted else { return }
        if playbooks.count == 1 {
            // What Ansible's tasks need in the image.
            steps.append(.map([.init("apt", .list(["python3", "python3-apt", "sudo"].map { .text($0) }))]))
        }
        var step: [YAMLText.Entry] = [.init("playbook", .text(path))]
        let parent = path.split(separator: "/").dropLast().joined(separator: "/")
        let roles = parent.isEmpty ? "roles" : "\(parent)/roles"
        if look(roles).isFolder { step.append(.init("roles", .text(roles))) }
        steps.append(.map([.init("ansible", .map(step))]))
    }

    /// A path beside the recipe, or nil with a note.
    private mutating func beside(_ path: String, isFolder: Bool?, _ source: String, _ line: Int?) -> String? {
        var text = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
        for prefix in ["{{template_dir}}/", "{{ template_dir }}/"] where text.hasPrefix(prefix) {
            text.removeFirst(prefix.count)
        }
        let found = look(text)
        guard !text.hasPrefix("/"), !text.split(separator: "/").contains(".."), found.exists else {
            note(source, line, path, "is not in the folder")
            return nil
        }
        if let isFolder, isFolder != found.isFolder {
            note(source, line, path, isFolder ? "is no folder" : "is a folder")
            return nil
        }
        return text
    }

    /// Debian's suite that a text names, such as the address of an ISO or the name of a box.
    static func suite(in text: String) -> String? {
        let text = text.lowercased()
        for (number, suite) in [(10, "buster"), (11, "bullseye"), (12, "bookworm"), (13, "trixie")] {
            let isNumbered = text.firstMatch(of: /debian[-_\/]?(?:gnu-linux-)?(\d+)/).map { $0.output.1 == "\(number)" }
            if isNumbered == true || text.contains(suite) { return suite }
        }
        return nil
    }

    static func map(_ values: [String: String]) -> YAMLText {
        .map(values.sorted { $0.key < $1.key }.map { .init($0.key, .text($0.value)) })
    }
}

extension ProjectDraft {
    /// The recipe's text. `ruche check` has nothing against it.
    package func rendered() -> String {
        var entries: [YAMLText.Entry] = [
            .init("ruche", .integer(1)), .init("name", .text("\(name)")), .init("version", .json(.string(version))),
        ]
        if let summary { entries.append(.init("summary", .text(summary))) }
        if !authors.isEmpty { entries.append(.init("authors", .list(authors.map(Self.author)))) }
        if let license { entries.append(.init("license", .text(license))) }
        if !keywords.isEmpty { entries.append(.init("keywords", .list(keywords.map { .text($0) }))) }
        if let homepage { entries.append(.init("homepage", .text(homepage))) }
        entries.append(.init("from", .text("debian:\(suite ?? "bookworm")")))
        if !steps.isEmpty { entries.append(.init("steps", .list(steps))) }
        if !ports.isEmpty {
            entries.append(.init("service", .map([.init("ports", .list(ports.map { .integer(Int64($0)) }))])))
        }
        var machine: [YAMLText.Entry] = []
        if let disk { machine.append(.init("disk", .text(disk))) }
        if let memory { machine.append(.init("memory", .text(memory))) }
        if let cpus { machine.append(.init("cpus", .integer(cpus))) }
        if !machine.isEmpty { entries.append(.init("machine", .map(machine))) }
        let all = variants.isEmpty ? [VariantFormat.oci] : variants
        entries.append(.init("variants", .list(all.map { .text($0.rawValue) })))
        return "# A draft: what it could not carry over was told when it was written.\n"
            + YAMLText.map(entries).rendered()
    }

    private static func author(_ author: Recipe.Author) -> YAMLText {
        var entries: [YAMLText.Entry] = [.init("name", .text(author.name))]
        if let orcid = author.orcid { entries.append(.init("orcid", .text(orcid))) }
        if let email = author.email { entries.append(.init("email", .text(email))) }
        return .map(entries)
    }
}
