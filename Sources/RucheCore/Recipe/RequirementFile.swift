/// pip's requirements file format, as far as a build follows it.
package enum RequirementFile {
    /// Files that a recipe's requirements may include, one another's taken together.
    package static let limit = 64

    /// Paths of the `-r` and `-c` lines, as written; addresses are left out.
    package static func includes(_ text: String) -> [String] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let pattern = /\s*(?:-r|-c|--requirement|--constraint)(?:\s+|=|(?=[^\s-]))(\S+).*/
            guard let match = line.wholeMatch(of: pattern) else { return nil }
            let path = String(match.output.1)
            return path.contains("://") ? nil : path
        }
    }
}
