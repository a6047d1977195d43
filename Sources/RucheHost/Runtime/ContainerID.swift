import RucheCore

/// The rule for names of containers, which become names of folders and control groups.
package enum ContainerID {
    /// Throws `invalid_input` unless `id` has 1–64 letters, digits, `-` and `_`, the first no `-`.
    package static func check(_ id: String) throws {
        guard id.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9_-]{0,63}/) != nil else {
            throw RucheError(
                .invalidInput, "\"\(id)\" is no container name: use up to 64 letters, digits, \"-\" and \"_\"")
        }
    }
}
