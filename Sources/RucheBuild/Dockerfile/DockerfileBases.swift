/// The images that a Dockerfile starts from or copies of, as far as they are no stages of its own.
package enum DockerfileBases {
    /// Names in the order they are met, each once. `$NAME` is replaced by what an `ARG` before it says.
    package static func names(in text: String) -> [String] {
        var arguments: [String: String] = [:]
        var stages: Set<String> = ["scratch"]
        var names: [String] = []
        func add(_ word: String) {
            let name = expand(word, arguments)
            if !stages.contains(name.lowercased()), Int(name) == nil, !names.contains(name) { names.append(name) }
        }
        for line in lines(text) {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            guard let instruction = words.first?.uppercased() else { continue }
            switch instruction {
            case "ARG":
                for word in words.dropFirst() {
                    let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
                    if parts.count == 2 { arguments[parts[0]] = parts[1].trimmed }
                }
            case "FROM":
                let rest = words.dropFirst().filter { !$0.hasPrefix("--") }
                if let image = rest.first { add(image) }
                if rest.count == 3, rest[1].uppercased() == "AS" { stages.insert(rest[2].lowercased()) }
            case "COPY", "ADD":
                for word in words where word.hasPrefix("--from=") { add(String(word.dropFirst(7))) }
            default: break
            }
        }
        return names
    }

    /// Logical lines: comments out, lines that end in a backslash joined.
    package static func lines(_ text: String) -> [String] {
        var result: [String] = []
        var open = ""
        for line in text.split(whereSeparator: \.isNewline) {
            let line = line.drop(while: \.isWhitespace)
            if line.first == "#" { continue }
            if line.last == "\\" {
                open += line.dropLast() + " "
            } else {
                result.append(open + line)
                open = ""
            }
        }
        if !open.isEmpty { result.append(open) }
        return result.filter { !$0.allSatisfy(\.isWhitespace) }
    }

    private static func expand(_ word: String, _ arguments: [String: String]) -> String {
        arguments.reduce(word) { text, argument in
            text.replacing("${\(argument.key)}", with: argument.value).replacing(
                "$\(argument.key)", with: argument.value)
        }
    }
}

extension String {
    /// Without quotes around it.
    fileprivate var trimmed: String {
        guard count > 1, let first, first == last, "\"'".contains(first) else { return self }
        return String(dropFirst().dropLast())
    }
}
