import RucheCore

/// Names that a listener answers to, as a person wrote them.
enum HostNames {
    /// Reads names between commas or blanks. Throws `invalid_input` for what can't be a `Host` without its port.
    static func parse(_ text: String, from origin: String) throws -> [String] {
        try text.split { $0 == "," || $0.isWhitespace }.map { word in
            guard word.wholeMatch(of: /[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?/) != nil else {
                throw RucheError(
                    .invalidInput,
                    "\"\(word)\" (from \(origin)) is no host name: write it without scheme and port, such as ruche.example.org"
                )
            }
            return String(word)
        }
    }
}
