/// A playbook that does to a machine what the steps of a recipe do to an image.
package struct AnsibleExport {
    private static let folder = "/tmp/ruche-export"

    private let parts: [RecipePart]
    private var project = ExportedProject()
    private var plays: [YAMLText] = []
    private var tasks: [YAMLText] = []

    /// `parts` begins with the recipe that all others start from.
    package static func project(_ parts: [RecipePart]) -> ExportedProject {
        var export = AnsibleExport(parts: parts)
        for part in parts { export.add(part) }
        return export.finished()
    }

    private init(parts: [RecipePart]) { self.parts = parts }

    private var title: String { parts.last.map { "\($0.recipe.name) \($0.recipe.version)" } ?? "" }

    private mutating func finished() -> ExportedProject {
        guard let recipe = parts.last?.recipe else { return project }
        addEnvironment(recipe)
        task("remove the files of this playbook", "file", [("path", .text(Self.folder)), ("state", .text("absent"))])
        closePlay()
        addTests(recipe)
        var text = "# Makes \(title) on machines, without Ruche: ansible-playbook -i HOSTS ruche-playbook.yml\n"
        text += "# Where you do not log in as root, add --become. It starts from \(parts.base?.description ?? "?").\n"
        text += YAMLText.list(plays).rendered()
        project.files["ruche-playbook.yml"] = text
        let roles = Set(parts.flatMap { part in part.ansibleSteps.compactMap { $0.roles.map(part.path) } }).sorted()
        if !roles.isEmpty {
            project.files["ansible.cfg"] = "[defaults]\nroles_path = \(roles.joined(separator: ":"))\n"
        }
        if parts.suite == nil, let base = parts.base {
            project.notes.append("the recipe starts from \(base): the machines have to be made from it beforehand")
        } else if let suite = parts.suite {
            project.notes.append("the machines have to run Debian \(suite)")
        }
        if let user = recipe.user {
            project.notes.append("programs of the environment run as \(user): say so where you start them")
        }
        return project
    }

    private mutating func add(_ part: RecipePart) {
        for (number, step) in part.recipe.steps.enumerated() {
            switch step {
            case .apt(let step): add(step)
            case .pip(let step): add(step, number, part)
            case .copy(let step): add(step, part)
            case .shell(let step): add(step, number, part)
            case .ansible(let step): add(step, part)
            }
        }
    }

    private mutating func add(_ step: AptStep) {
        // "name/suite" is what apt-get reads; the module has a key for it.
        let groups = Dictionary(grouping: step.packages, by: \.suite)
        for (suite, packages) in groups.sorted(by: { ($0.key ?? "") < ($1.key ?? "") }) {
            var members: [(String, YAMLText)] = [
                ("name", .list(packages.map { Self.text($0.withoutSuite) })), ("update_cache", .bool(true)),
                ("install_recommends", .bool(step.recommends)),
            ]
            if let suite { members.append(("default_release", .text(suite))) }
            task("install \(packages.map(\.withoutSuite).joined(separator: ", "))", "apt", members)
        }
    }

    private mutating func add(_ step: PipStep, _ number: Int, _ part: RecipePart) {
        let files = part.requirements[number] ?? []
        let place = "\(Self.folder)/\(part.folder.isEmpty ? "recipe" : part.folder)"
        for file in files {
            addParent(of: "\(place)/\(file)")
            task("bring \(file)", "copy", [("src", .text(part.path(file))), ("dest", .text("\(place)/\(file)"))])
        }
        let python = step.python ?? "python3"
        if let venv = step.venv {
            command(
                "make the virtual environment \(venv)", [python, "-m", "venv", venv], creates: "\(venv)/pyvenv.cfg")
        }
        var words = [step.venv.map { "\($0)/bin/python" } ?? python, "-m", "pip", "--no-input", "install"]
        if let url = step.indexURL { words += ["--index-url", url] }
        if let file = step.constraints { words += ["--constraint", "\(place)/\(file)"] }
        if let file = step.requirements { words += ["--requirement", "\(place)/\(file)"] }
        command(
            "install Python packages", words + ["--"] + step.packages,
            environment: step.venv == nil ? ["PIP_BREAK_SYSTEM_PACKAGES": "1"] : [:])
    }

    /// Whether the source is a folder is known when the playbook is written, by the slash that the caller adds.
    private mutating func add(_ step: CopyStep, _ part: RecipePart) {
        let isFolder = step.from.hasSuffix("/")
        let name = step.from.split(separator: "/").last.map(String.init) ?? step.from
        let target = !isFolder && step.to.hasSuffix("/") ? step.to + name : step.to
        if !isFolder { addParent(of: target) }
        let owner = (step.owner ?? "0:0").split(separator: ":").map(String.init)
        var members: [(String, YAMLText)] = [
            ("src", Self.text(part.path(step.from))),
            ("dest", Self.text(target + (isFolder && !target.hasSuffix("/") ? "/" : ""))),
            ("mode", .text(step.mode.map(Self.octal) ?? "preserve")), ("owner", .text(owner.first ?? "0")),
            ("group", .text(owner.count > 1 ? owner[1] : owner.first ?? "0")), ("local_follow", .bool(false)),
        ]
        if isFolder {
            let mode = step.mode.map { Self.octal($0 | ($0 & 0o444) >> 2) } ?? "0755"
            members.append(("directory_mode", .text(mode)))
        }
        task("copy \(step.from)", "copy", members)
    }

    private mutating func add(_ step: ShellStep, _ number: Int, _ part: RecipePart) {
        let source: String
        switch step.source {
        case .file(let path): source = part.path(path)
        case .inline(let text):
            source = part.scriptName(number)
            project.files[source] = text.hasSuffix("\n") ? text : text + "\n"
        }
        let place = "\(Self.folder)/step"
        addParent(of: place)
        task(
            "bring \(source)", "copy",
            [("src", .text(source)), ("dest", .text(place)), ("mode", .text("0755"))])
        command("run \(source)", step.interpreter + [place], environment: step.env)
    }

    private mutating func add(_ step: AnsibleStep, _ part: RecipePart) {
        closePlay()
        var play: [YAMLText.Entry] = [.init("import_playbook", .text(part.path(step.playbook)))]
        if !step.extraVars.isEmpty { play.append(.init("vars", .json(.object(step.extraVars)))) }
        plays.append(.map(play))
    }

    private mutating func addEnvironment(_ recipe: Recipe) {
        if let workdir = recipe.workdir {
            task("make \(workdir)", "file", [("path", .text(workdir)), ("state", .text("directory"))])
        }
        guard !recipe.env.isEmpty else { return }
        let lines = recipe.env.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"\n" }.joined()
        task(
            "set the environment", "blockinfile",
            [("path", .text("/etc/environment")), ("create", .bool(true)), ("block", Self.text(lines))])
    }

    private mutating func addTests(_ recipe: Recipe) {
        guard !recipe.tests.isEmpty else { return }
        for test in recipe.tests {
            let name = Self.text("test: \(test.split(separator: "\n").first.map(String.init) ?? "")")
            tasks.append(
                .map([
                    .init("name", name), .init("ansible.builtin.shell", .map([.init("cmd", Self.text(test))])),
                    .init("changed_when", .bool(false)),
                ]))
        }
        closePlay(named: "test \(title)", environment: recipe.env)
    }

    private mutating func addParent(of path: String) {
        let parent = "/" + path.split(separator: "/").dropLast().joined(separator: "/")
        guard parent != "/" else { return }
        task("make \(parent)", "file", [("path", .text(parent)), ("state", .text("directory"))])
    }

    private mutating func command(
        _ name: String, _ words: [String], creates: String? = nil, environment: [String: String] = [:]
    ) {
        var members: [YAMLText.Entry] = [.init("argv", .list(words.map(Self.text)))]
        if let creates { members.append(.init("creates", .text(creates))) }
        var task: [YAMLText.Entry] = [.init("name", Self.text(name)), .init("ansible.builtin.command", .map(members))]
        if creates == nil { task.append(.init("changed_when", .bool(true))) }
        if !environment.isEmpty { task.append(.init("environment", Self.map(environment))) }
        tasks.append(.map(task))
    }

    private mutating func task(_ name: String, _ module: String, _ members: [(String, YAMLText)]) {
        tasks.append(
            .map([
                .init("name", Self.text(name)),
                .init("ansible.builtin.\(module)", .map(members.map { .init($0.0, $0.1) })),
            ]))
    }

    private mutating func closePlay(named name: String? = nil, environment: [String: String] = [:]) {
        guard !tasks.isEmpty else { return }
        var play: [YAMLText.Entry] = [.init("name", .text(name ?? title)), .init("hosts", .text("all"))]
        if !environment.isEmpty { play.append(.init("environment", Self.map(environment))) }
        plays.append(.map(play + [.init("tasks", .list(tasks))]))
        tasks = []
    }

    private static func map(_ values: [String: String]) -> YAMLText {
        .map(values.sorted { $0.key < $1.key }.map { .init($0.key, text($0.value)) })
    }

    /// Text that Ansible takes as it is: it would read what is between double braces.
    private static func text(_ text: String) -> YAMLText {
        guard text.contains("{{") || text.contains("{%") || text.contains("{#") else { return .text(text) }
        return .text("{% raw %}\(text){% endraw %}")
    }

    private static func octal(_ mode: UInt16) -> String { "0" + String(mode, radix: 8) }
}

extension RecipePart {
    var ansibleSteps: [AnsibleStep] {
        recipe.steps.compactMap { step in
            if case .ansible(let step) = step { step } else { nil }
        }
    }
}

extension String {
    /// Of `name/suite`, as apt-get reads it.
    fileprivate var suite: String? { contains("/") ? split(separator: "/").last.map(String.init) : nil }
    fileprivate var withoutSuite: String { split(separator: "/").first.map(String.init) ?? self }
}
