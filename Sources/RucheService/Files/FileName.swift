import RucheCore

/// Rules for names of files that come from outside.
enum FileName {
    /// The one name that jobs can't give an input: it is the configuration's.
    static let reserved = "config.json"

    /// Why `name` can't be a plain file name; nil when it can.
    static func problem(_ name: String, path: String) -> Problem? {
        let isControl = name.unicodeScalars.contains { $0.properties.generalCategory == .control }
        guard name.isEmpty || name.utf8.count > 255 || name == "." || name == ".." || name.contains("/") || isControl
        else { return nil }
        return Problem(
            path: path, message: "this is no file name", found: String(name.prefix(80)),
            allowed: "1 to 255 bytes without \"/\" and control characters")
    }

    static func check(_ name: String, path: String) throws {
        guard let problem = problem(name, path: path) else { return }
        throw RucheError(.invalidInput, "the file name is not valid", problems: [problem])
    }
}
