extension ProjectDraft {
    /// Reads the lines of a Vagrantfile that nearly everybody writes. It is a program: what another line does is not
    /// known, and told.
    package mutating func readVagrantfile(_ text: String, file: String) {
        var reading = VagrantReading(file: file)
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            reading.line = number + 1
            if reading.heredoc != nil {
                if let script = reading.takeHeredoc(String(line)) { addScript(script) }
                continue
            }
            let words = String(line).split(separator: /\s#/, maxSplits: 1).first.map(String.init) ?? ""
            let statement = words.drop { $0.isWhitespace }
            if statement.isEmpty || statement.hasPrefix("#") || statement == "end" { continue }
            readStatement(String(statement), &reading)
        }
    }

    private mutating func readStatement(_ text: String, _ reading: inout VagrantReading) {
        let (file, line) = (reading.file, reading.line)
        if text.hasPrefix("Vagrant.configure") || text.hasPrefix("config.vm.define")
            || text.hasPrefix("config.vm.provider")
        {
            return
        }
        if let match = text.firstMatch(of: /\.vm\.box\s*=\s*(.+)/) {
            let box = match.output.1.filter { !"\"'".contains($0) }
            suite = suite ?? Self.suite(in: box)
            return note(
                file, line, "vm.box", "the draft starts from debian:\(suite ?? "bookworm"), not from the box \(box)")
        }
        if text.contains(".vm.network") { return readNetwork(text, file, line) }
        if text.contains(".vm.provision") { return readProvision(text, &reading) }
        if let match = text.firstMatch(of: /\.memory\s*=\s*["']?(\d+)/) { return memory = "\(match.output.1)M" }
        if let match = text.firstMatch(of: /\.cpus\s*=\s*["']?(\d+)/) { return cpus = Int64(match.output.1) }
        if let match = text.firstMatch(of: /\.playbook\s*=\s*["']([^"']+)["']/) {
            return addPlaybook(String(match.output.1), file, line)
        }
        if text.contains(/\.(install|limit|verbose|become|compatibility_mode|install_mode)\s*=/) { return }
        let advice = [
            (".vm.hostname", "the host name is given where a machine is started"),
            (".vm.synced_folder", "folders are shared where a machine is started"),
            (".ssh.", "keys are given where a machine is started"),
            (".customize", "is for VirtualBox alone, and is left out"),
        ]
        let found = advice.first { text.contains($0.0) }
        note(file, line, String(text.prefix(80)), found?.1 ?? "is not carried over")
    }

    private mutating func readNetwork(_ text: String, _ file: String, _ line: Int) {
        if text.contains("forwarded_port") {
            guard let match = text.firstMatch(of: /guest:?\s*(?:=>)?\s*(\d+)/), let port = Int(match.output.1) else {
                return
            }
            return add(port: port)
        }
        // An address by DHCP is what every machine gets.
        if text.contains("dhcp") { return }
        note(file, line, "vm.network", "is not carried over: a fixed address is \"network\" of \"machine\"")
    }

    private mutating func readProvision(_ text: String, _ reading: inout VagrantReading) {
        let (file, line) = (reading.file, reading.line)
        func value(_ key: String) -> String? { VagrantReading.value(key, in: text) }
        if text.contains(/provision\s*\(?\s*["':]file/) {
            return addCopy(value("source") ?? "", to: value("destination") ?? "", file, line)
        }
        if text.contains(/provision\s*\(?\s*["':]ansible/) {
            if let playbook = value("playbook") { addPlaybook(playbook, file, line) }
            return
        }
        guard text.contains(/provision\s*\(?\s*["':]shell/) else {
            return note(file, line, "vm.provision", "is not carried over")
        }
        if let path = value("path") { return addScript(file: path, file, line) }
        if let match = text.firstMatch(of: /<<[-~]?["']?([A-Za-z_]+)["']?/) {
            return reading.heredoc = (String(match.output.1), [])
        }
        if let inline = value("inline") { return addScript(inline) }
        note(file, line, "vm.provision", "its script is made by the Vagrantfile itself: write it as a step")
    }
}

private struct VagrantReading {
    let file: String
    var line = 0
    /// A text of several lines that goes on until its mark.
    var heredoc: (mark: String, lines: [String])?

    init(file: String) { self.file = file }

    /// The text at its end; nil before.
    mutating func takeHeredoc(_ line: String) -> String? {
        guard let (mark, lines) = heredoc else { return nil }
        guard line.filter({ !$0.isWhitespace }) == mark else {
            heredoc?.lines.append(line)
            return nil
        }
        heredoc = nil
        let indent = lines.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
        return lines.map { String($0.dropFirst(indent)) }.joined(separator: "\n") + "\n"
    }

    /// `key: "value"` or `:key => "value"`.
    static func value(_ key: String, in text: String) -> String? {
        for mark in ["\(key):", ":\(key) =>", ":\(key)=>"] {
            guard let range = text.firstRange(of: mark) else { continue }
            let rest = text[range.upperBound...].drop { $0 == " " }
            guard let quote = rest.first, quote == "\"" || quote == "'" else { continue }
            let body = rest.dropFirst()
            guard let end = body.firstIndex(of: quote) else { continue }
            return String(body[..<end])
        }
        return nil
    }
}
