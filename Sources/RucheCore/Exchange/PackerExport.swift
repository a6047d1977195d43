/// A template for Packer 1.6 (JSON) that makes the environment as a container image or a machine.
package struct PackerExport {
    private static let folder = "/tmp/ruche-export"

    private let parts: [RecipePart]
    private var project = ExportedProject()
    private var provisioners: [JSONValue] = []

    /// `parts` begins with the recipe that all others start from.
    package static func project(_ parts: [RecipePart]) throws -> ExportedProject {
        var export = PackerExport(parts: parts)
        for part in parts { export.add(part) }
        return try export.finished()
    }

    private init(parts: [RecipePart]) { self.parts = parts }

    private mutating func finished() throws -> ExportedProject {
        guard let recipe = parts.last?.recipe else { return project }
        if let workdir = recipe.workdir { shell(["mkdir -p \(Self.word(workdir))"]) }
        if recipe.machine != nil, !recipe.env.isEmpty {
            let lines = recipe.env.sorted { $0.key < $1.key }.map { "\($0.key)=\"\($0.value)\"" }
            shell(lines.map { "printf '%s\\n' \(Self.word($0)) >> /etc/environment" })
        }
        shell(["rm -rf \(Self.folder)"])
        shell(recipe.tests)
        var variables: [String: JSONValue] = ["image": .string(image)]
        var builders: [JSONValue] = [docker(recipe)]
        if let machine = recipe.machine {
            variables["disk"] = .string(cloudDisk)
            variables["disk_checksum"] = "none"
            builders.append(qemu(machine))
            project.notes.append(
                "the machine (-only=qemu) starts from \(cloudDisk) and needs a seed with your key: set \"disk\" and the communicator for your site"
            )
        }
        let template: JSONValue = [
            "variables": .object(variables), "builders": .array(builders), "provisioners": .array(provisioners),
        ]
        project.files["ruche-packer.json"] = template.pretty()
        if parts.suite == nil, let base = parts.base {
            project.notes.append("the recipe starts from \(base): set the variable \"image\" to an image of it")
        }
        return project
    }

    private var image: String { "debian:\(parts.suite ?? "stable")-slim" }

    private var cloudDisk: String {
        let suite = parts.suite ?? "bookworm"
        let number = ["bullseye": 11, "bookworm": 12, "trixie": 13][suite] ?? 12
        return "https://cloud.debian.org/images/cloud/\(suite)/latest/debian-\(number)-genericcloud-amd64.qcow2"
    }

    private func docker(_ recipe: Recipe) -> JSONValue {
        var changes = recipe.env.sorted { $0.key < $1.key }.map { "ENV \($0.key)=\"\($0.value)\"" }
        if let workdir = recipe.workdir { changes.append("WORKDIR \(workdir)") }
        if let user = recipe.user { changes.append("USER \(user)") }
        return [
            "type": "docker", "image": "{{user `image`}}", "commit": true,
            "changes": .array(changes.map { .string(Self.template($0)) }),
        ]
    }

    private func qemu(_ machine: MachineContract) -> JSONValue {
        [
            "type": "qemu", "disk_image": true, "iso_url": "{{user `disk`}}",
            "iso_checksum": "{{user `disk_checksum`}}", "format": "qcow2",
            "disk_size": .string("\((machine.disk?.bytes ?? 10 << 30) >> 20)M"),
            "memory": .integer(machine.memory.bytes >> 20), "cpus": .integer(Int64(machine.cpus)),
            "ssh_username": .string(machine.user), "ssh_timeout": "10m",
            "shutdown_command": "sudo shutdown -P now",
        ]
    }

    private mutating func add(_ part: RecipePart) {
        for (number, step) in part.recipe.steps.enumerated() {
            switch step {
            case .apt(let step):
                let recommends = step.recommends ? "--install-recommends" : "--no-install-recommends"
                let packages = step.packages.map(Self.word).joined(separator: " ")
                shell([
                    "apt-get update",
                    "DEBIAN_FRONTEND=noninteractive apt-get install --yes \(recommends) -- \(packages)",
                ])
            case .pip(let step): add(step, number, part)
            case .copy(let step): add(step, number, part)
            case .shell(let step): add(step, number, part)
            case .ansible(let step): add(step, part)
            }
        }
    }

    private mutating func add(_ step: PipStep, _ number: Int, _ part: RecipePart) {
        let place = "\(Self.folder)/pip-\(number + 1)"
        for file in part.requirements[number] ?? [] { upload(part.path(file), to: "\(place)/\(file)") }
        let python = step.python ?? "python3"
        var lines: [String] = []
        if let venv = step.venv {
            lines.append("[ -e \(Self.word(venv))/pyvenv.cfg ] || \(Self.word(python)) -m venv \(Self.word(venv))")
        }
        var words = [step.venv.map { "\($0)/bin/python" } ?? python, "-m", "pip", "--no-input", "install"]
        if let url = step.indexURL { words += ["--index-url", url] }
        if let file = step.constraints { words += ["--constraint", "\(place)/\(file)"] }
        if let file = step.requirements { words += ["--requirement", "\(place)/\(file)"] }
        words += ["--"] + step.packages
        let prefix = step.venv == nil ? "PIP_BREAK_SYSTEM_PACKAGES=1 " : ""
        shell(lines + [prefix + words.map(Self.word).joined(separator: " ")])
    }

    private mutating func add(_ step: CopyStep, _ number: Int, _ part: RecipePart) {
        let isFolder = step.from.hasSuffix("/")
        let name = step.from.split(separator: "/").last.map(String.init) ?? step.from
        let target = !isFolder && step.to.hasSuffix("/") ? step.to + name : step.to
        let source = "\(Self.folder)/copy-\(number + 1)"
        upload(part.path(step.from), to: isFolder ? source + "/" : source)
        let (from, to) = (Self.word(source), Self.word(target))
        var lines = [
            isFolder ? "mkdir -p \(to)" : "mkdir -p \"$(dirname \(to))\"",
            "chown -R \(Self.word(step.owner ?? "0:0")) \(from)",
        ]
        if let mode = step.mode {
            let folder = mode | (mode & 0o444) >> 2
            lines.append("find \(from) -type f -exec chmod 0\(String(mode, radix: 8)) '{}' +")
            lines.append("find \(from) -mindepth 1 -type d -exec chmod 0\(String(folder, radix: 8)) '{}' +")
        }
        shell(lines + ["cp -a \(isFolder ? from + "/." : from) \(to)"])
    }

    private mutating func add(_ step: ShellStep, _ number: Int, _ part: RecipePart) {
        let source: String
        switch step.source {
        case .file(let path): source = part.path(path)
        case .inline(let text):
            source = part.scriptName(number)
            project.files[source] = text.hasSuffix("\n") ? text : text + "\n"
        }
        let place = "\(Self.folder)/step-\(number + 1)"
        upload(source, to: place)
        let environment = step.env.sorted { $0.key < $1.key }.map { "\($0.key)=\(Self.word($0.value)) " }.joined()
        let words = (step.interpreter + [place]).map(Self.word).joined(separator: " ")
        shell([environment.isEmpty ? words : "env \(environment)\(words)"])
    }

    private mutating func add(_ step: AnsibleStep, _ part: RecipePart) {
        var provisioner: [String: JSONValue] = [
            "type": "ansible", "playbook_file": .string(part.path(step.playbook)), "user": "root",
        ]
        if let roles = step.roles { provisioner["roles_path"] = .string(part.path(roles)) }
        if !step.extraVars.isEmpty {
            let text = YAMLText.json(.object(step.extraVars)).rendered().dropLast()
            provisioner["extra_arguments"] = ["--extra-vars", .string(Self.template(String(text)))]
        }
        provisioners.append(.object(provisioner))
    }

    private mutating func upload(_ source: String, to target: String) {
        let parent = "/" + target.split(separator: "/").dropLast().joined(separator: "/")
        let folder = Self.word(target.hasSuffix("/") ? target : parent)
        // Who logs in to a machine to send files is not root.
        shell(["mkdir -p \(folder)", "chmod -R a+rwX \(Self.folder)"])
        provisioners.append([
            "type": "file", "source": .string(Self.template(source)), "destination": .string(Self.template(target)),
        ])
    }

    private mutating func shell(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        var provisioner: [String: JSONValue] = [
            "type": "shell", "inline": .array(lines.map { .string(Self.template($0)) }),
            "inline_shebang": "/bin/sh -eu",
        ]
        if parts.last?.recipe.machine != nil {
            provisioner["override"] = ["qemu": ["execute_command": "sudo env {{ .Vars }} sh -eu {{ .Path }}"]]
        }
        provisioners.append(.object(provisioner))
    }

    /// Packer reads what is between double braces.
    private static func template(_ text: String) -> String { text.replacing("{{", with: "{{`{{`}}") }

    /// A word of a shell.
    private static func word(_ text: String) -> String {
        text.wholeMatch(of: /[A-Za-z0-9_@%+=:,.\/-]+/) != nil ? text : "'" + text.replacing("'", with: "'\\''") + "'"
    }
}
