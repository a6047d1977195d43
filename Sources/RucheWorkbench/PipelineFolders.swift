import RucheCore

/// The folders that a pipeline has in its container.
package struct PipelineFolders: Hashable, Sendable, Codable {
    package var job = "/pipeline/job"
    package var inputs = "/pipeline/inputs"
    package var outputs = "/pipeline/outputs"
    package var logs = "/pipeline/logs"
    package var databases = "/pipeline/db"

    package init() {}

    package var all: [String] { named.map(\.path) }

    private var named: [(name: String, path: String)] {
        [("job", job), ("inputs", inputs), ("outputs", outputs), ("logs", logs), ("databases", databases)]
    }

    /// Throws `invalid_input` with one problem a folder, unless each is absolute, without `..`, and apart from the
    /// others: a mount over one of them would hide another.
    package func check() throws {
        var problems: [Problem] = []
        for (index, folder) in named.enumerated() {
            if let fault = Self.fault(folder.path) {
                problems.append(Problem(path: folder.name, message: fault, found: "\"\(folder.path)\""))
                continue
            }
            for other in named[..<index] where Self.overlap(folder.path, other.path) {
                problems.append(
                    Problem(
                        path: folder.name, message: "is the same as, in or around \(other.name)",
                        found: "\"\(folder.path)\"", allowed: "a folder apart from \(other.path)"))
            }
        }
        guard problems.isEmpty else {
            throw RucheError(
                .invalidInput, "the folders of the pipeline have \(problems.count) problem(s)", problems: problems)
        }
    }

    private static func fault(_ path: String) -> String? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard path.hasPrefix("/"), path.utf8.count <= 1024 else { return "is no absolute path" }
        guard path.count > 1, !path.hasSuffix("/"), !parts.dropFirst().contains("") else {
            return "has needless slashes"
        }
        guard !parts.contains(".."), !parts.contains(".") else { return "goes through \".\" or \"..\"" }
        guard path.unicodeScalars.allSatisfy({ $0.value > 31 && $0.value != 127 }) else {
            return "has a control character"
        }
        let system = ["proc", "sys", "dev", "run"]
        return system.contains(String(parts[1])) ? "is the system's: nothing is kept there" : nil
    }

    private static func overlap(_ one: String, _ other: String) -> Bool {
        one == other || one.hasPrefix(other + "/") || other.hasPrefix(one + "/")
    }
}
