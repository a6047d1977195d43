extension ProjectDraft {
    /// Keys of builders that are about the installation alone, or about how Packer reaches the machine.
    private static let ofInstaller: Set<String> = [
        "type", "name", "communicator", "headless", "vm_name", "output_directory", "guest_os_type", "shutdown_command",
        "shutdown_timeout", "boot_wait", "iso_checksum", "iso_checksum_type", "iso_url", "iso_urls", "format",
        "accelerator", "hard_drive_interface", "virtualbox_version_file", "commit", "image", "disk_size", "memory",
        "memsize", "cpus", "vboxmanage", "guest_additions_path", "disk_interface", "net_device",
    ]

    /// Reads a Packer template (JSON). False when it is none.
    package mutating func readPacker(_ text: String, file: String) -> Bool {
        guard let root = JSONSource.parse(text, file: file).root, let members = root.map,
            let builders = members.first(where: { $0.key == "builders" })?.value.list
        else { return false }
        var variables: [String: String] = [:]
        for entry in members.first(where: { $0.key == "variables" })?.value.map ?? [] {
            variables[entry.key] = entry.value.scalar
        }
        let reading = PackerReading(file: file, variables: variables)
        for builder in builders { readBuilder(builder, reading) }
        for (key, value) in members.map({ ($0.key, $0.value) }) {
            switch key {
            case "provisioners": for node in value.list ?? [] { readProvisioner(node, reading) }
            case "post-processors": for node in value.list ?? [] { readPostProcessor(node, reading) }
            case "builders", "variables", "min_packer_version", "description", "_comment": break
            default: note(file, value.place.line, key, "is not carried over")
            }
        }
        return true
    }

    private mutating func readBuilder(_ node: SourceNode, _ reading: PackerReading) {
        let (line, type) = (node.place.line, reading.text(node, "type") ?? "")
        switch type {
        case "docker":
            let image = reading.text(node, "image") ?? ""
            suite = suite ?? Self.suite(in: image)
            if suite == nil {
                note(reading.file, line, "image", "\"\(image)\" is no Debian: the draft starts from Debian")
            }
        case "virtualbox-iso", "virtualbox-ovf", "virtualbox-vm": add(variant: .vagrantVirtualBox)
        case "qemu": add(variant: .qcow2)
        case let type where type.hasPrefix("vmware"): add(variant: .vmdk)
        default: note(reading.file, line, type, "is a builder that has no counterpart here")
        }
        let iso = (reading.list(node, "iso_urls") + [reading.text(node, "iso_url") ?? ""]).joined(separator: " ")
        if iso != " ", !iso.isEmpty {
            suite = suite ?? Self.suite(in: iso)
            let found = suite ?? "bookworm"
            note(
                reading.file, node.member("iso_urls")?.place.line ?? node.member("iso_url")?.place.line ?? line,
                "iso_url",
                "no installer is run: the draft starts from debian:\(found), not from \(iso.prefix(200))")
        }
        readSize(node, reading)
        for entry in node.map ?? [] where !Self.ofInstaller.contains(entry.key) {
            if entry.key.hasPrefix("ssh_") || entry.key.hasPrefix("winrm_") { continue }
            note(reading.file, entry.keyPlace.line, entry.key, "is for the installer or the builder, and is left out")
        }
    }

    private mutating func readSize(_ node: SourceNode, _ reading: PackerReading) {
        // Megabytes without a unit.
        if let text = reading.text(node, "disk_size"),
            let size = Int64(text).map({ ByteCount($0 << 20) }) ?? ByteCount(parsing: text)
        {
            disk = Self.size(size)
        }
        if let text = reading.text(node, "memory") ?? reading.text(node, "memsize"), let size = Int64(text) {
            memory = "\(size)M"
        }
        if let text = reading.text(node, "cpus"), let count = Int64(text) { cpus = count }
        for command in node.member("vboxmanage")?.list ?? [] {
            let words = (command.list ?? []).compactMap { reading.value($0) }
            for (word, value) in zip(words, words.dropFirst()) {
                if word == "--memory", let size = Int64(value) { memory = "\(size)M" }
                if word == "--cpus", let count = Int64(value) { cpus = count }
            }
            if !words.contains("--memory"), !words.contains("--cpus") {
                note(reading.file, command.place.line, "vboxmanage", "is for VirtualBox alone, and is left out")
            }
        }
    }

    private mutating func readProvisioner(_ node: SourceNode, _ reading: PackerReading) {
        let (line, type) = (node.place.line, reading.text(node, "type") ?? "")
        for key in ["only", "except", "override"] where node.member(key) != nil {
            note(reading.file, node.member(key)?.place.line, key, "is not carried over: the step is for every variant")
        }
        switch type {
        case "shell":
            var env: [String: String] = [:]
            for text in reading.list(node, "environment_vars") {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                if parts.count == 2 { env[parts[0]] = parts[1] }
            }
            let inline = reading.list(node, "inline")
            if !inline.isEmpty { addScript(inline.joined(separator: "\n"), env: env) }
            for path in reading.list(node, "scripts") + [reading.text(node, "script")].compactMap(\.self) {
                addScript(file: path, env: env, reading.file, line)
            }
        case "file":
            guard reading.text(node, "direction") != "download" else {
                return note(reading.file, line, "file", "a download out of the machine is left out")
            }
            addCopy(reading.text(node, "source") ?? "", to: reading.text(node, "destination") ?? "", reading.file, line)
        case "ansible", "ansible-local":
            addPlaybook(reading.text(node, "playbook_file") ?? "", reading.file, line)
            for key in ["extra_arguments", "galaxy_file", "group_vars", "host_vars"] where node.member(key) != nil {
                note(reading.file, node.member(key)?.place.line, key, "is not carried over: say it in extra_vars")
            }
        default: note(reading.file, line, type, "is a provisioner that has no counterpart here")
        }
    }

    /// Post-processors may be grouped in lists.
    private mutating func readPostProcessor(_ node: SourceNode, _ reading: PackerReading) {
        if let list = node.list { return list.forEach { readPostProcessor($0, reading) } }
        let type = node.scalar ?? reading.text(node, "type") ?? ""
        if type == "vagrant" {
            if variants.contains(.qcow2) { add(variant: .vagrantLibvirt) }
        } else {
            note(reading.file, node.place.line, type, "is a post-processor that is left out")
        }
    }

    static func size(_ size: ByteCount) -> String {
        size.bytes % (1 << 30) == 0 ? "\(size.bytes >> 30)G" : "\(size.bytes >> 20)M"
    }
}

/// Texts of a template with its variables put in.
private struct PackerReading {
    let file: String
    let variables: [String: String]

    func text(_ node: SourceNode, _ key: String) -> String? { node.member(key).flatMap { value($0) } }

    func list(_ node: SourceNode, _ key: String) -> [String] { (node.member(key)?.list ?? []).compactMap { value($0) } }

    func value(_ node: SourceNode) -> String? {
        node.scalar.map { text in
            text.replacing(/\{\{\s*user\s*`([^`]*)`\s*\}\}/) { variables[String($0.output.1)] ?? "" }
        }
    }
}

extension SourceNode {
    fileprivate func member(_ key: String) -> SourceNode? { map?.first { $0.key == key }?.value }
}
