import Foundation
import RucheCore

/// A Dockerfile in the words of a recipe, as far as they have the same meaning.
package struct DockerfileTranslation: Sendable {
    /// Steps of a recipe as pairs of kind and settings, both in order.
    package enum Step: Hashable, Sendable {
        case run(String)
        case copy(from: String, to: String)
    }

    /// `from:` of a recipe.
    package private(set) var from: String?
    package private(set) var steps: [Step] = []
    package private(set) var environment: [(String, String)] = []
    package private(set) var user: String?
    package private(set) var workdir: String?
    /// The words that run; nil when the Dockerfile names none.
    package var job: [String]? { entrypoint.isEmpty && command.isEmpty ? nil : entrypoint + command }
    /// What could not be carried over, a sentence each.
    package private(set) var losses: [String] = []
    private var entrypoint: [String] = []
    private var command: [String] = []
    private var stages = 0

    package init(_ text: String) {
        for line in DockerfileBases.lines(text) {
            let parts = line.split(maxSplits: 1, whereSeparator: \.isWhitespace).map(String.init)
            guard parts.count == 2 else { continue }
            take(parts[0].uppercased(), parts[1].drop { $0.isWhitespace }.description, line)
        }
    }

    private mutating func take(_ instruction: String, _ rest: String, _ line: String) {
        switch instruction {
        case "FROM": base(rest)
        case "RUN":
            let words = Self.list(rest)
            steps.append(.run(words.map { PackageCommandLine.join($0) } ?? rest))
        case "COPY", "ADD": copy(rest, line)
        case "ENV": environment += Self.pairs(rest)
        case "USER": user = rest
        case "WORKDIR": workdir = absolute(rest)
        case "CMD": command = Self.list(rest) ?? ["/bin/sh", "-c", rest]
        case "ENTRYPOINT": entrypoint = Self.list(rest) ?? ["/bin/sh", "-c", rest]
        case "ARG", "MAINTAINER", "LABEL": losses.append("\(instruction) has no counterpart: \(line)")
        default: losses.append("\(instruction) has no counterpart here, and containers of jobs do without: \(line)")
        }
    }

    private mutating func base(_ rest: String) {
        stages += 1
        if stages > 1 {
            losses.append("a recipe has one stage: what is before the last FROM was dropped")
            (steps, environment, user, workdir) = ([], [], nil, nil)
        }
        let image = rest.split(separator: " ").first { !$0.hasPrefix("--") }.map(String.init) ?? rest
        if let match = image.wholeMatch(of: /debian:([a-z]+)(?:-slim)?/) {
            from = "debian:\(match.output.1)"
        } else if (try? ReleaseReference(parsing: image)) != nil {
            from = image
        } else {
            from = "oci:base.tar"
            losses.append("the base \(image) must be put beside the recipe as base.tar, an OCI archive of it")
        }
    }

    private mutating func copy(_ rest: String, _ line: String) {
        var words = (Self.list(rest) ?? rest.split(whereSeparator: \.isWhitespace).map(String.init))
        let isPlain = !words.contains { $0.hasPrefix("--from=") || $0.contains("://") || $0.contains("*") }
        words.removeAll { $0.hasPrefix("--") }
        guard isPlain, words.count > 1, let target = words.popLast() else {
            losses.append("only files of the package can be copied: \(line)")
            return
        }
        for word in words {
            let source = word.hasPrefix("/") ? String(word.dropFirst()) : word
            let path = absolute(target)
            steps.append(.copy(from: source.isEmpty ? "." : source, to: path))
        }
    }

    private func absolute(_ path: String) -> String {
        if path.hasPrefix("/") { return path }
        let base = workdir ?? "/"
        return path == "." || path == "./" ? base : (base == "/" ? "/" : base + "/") + path
    }

    /// The JSON form of an instruction.
    private static func list(_ text: String) -> [String]? {
        guard text.hasPrefix("[") else { return nil }
        // What is no list of words is a command of a shell, as Docker takes it.
        return try? JSONDecoder().decode([String].self, from: Data(text.utf8))
    }

    private static func pairs(_ text: String) -> [(String, String)] {
        let words = ShellWords.split(text) ?? []
        if let first = words.first, !first.contains("="), words.count > 1 {
            return [(first, words.dropFirst().joined(separator: " "))]
        }
        return words.compactMap { word in
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
    }
}
