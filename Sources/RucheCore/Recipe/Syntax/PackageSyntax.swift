/// How packages of Debian and Python are named.
package enum PackageSyntax {
    static let aptRule = "a Debian package: lower case, such as bwa, bwa=0.7.17-7+b2 or bwa/bookworm-backports"
    static let pipRule = "a Python requirement, such as numpy, numpy==2.0.1 or package[extra]>=1.2,<2"

    /// Debian policy 5.6.1 (names) and 5.6.12 (versions), with apt's `=version` and `/suite`.
    package static func isApt(_ text: String) -> Bool {
        text.wholeMatch(
            of: /[a-z0-9][a-z0-9+.-]+(?:=(?:[0-9]+:)?[0-9][A-Za-z0-9.+~-]*|\/[a-z][a-z0-9.-]*)?/) != nil
    }

    /// What somebody probably meant by text that is no package of Debian.
    static func aptSuggestion(_ text: String) -> String? {
        let better = text.lowercased().replacing("==", with: "=").replacing("_", with: "-")
        return better != text && isApt(better) ? better : nil
    }

    /// The part of the dependency specifiers of PyPA (PEP 508) that names a distribution: name, extras, version
    /// specifiers or a direct URL without credentials, marker. Options such as `-r` and paths are none.
    package static func isPip(_ text: String) -> Bool {
        let parts = text.split(separator: ";", maxSplits: 1, omittingEmptySubsequences: false)
        guard text.utf8.count <= 512, let main = parts.first else { return false }
        let isMarked = parts.count == 1 || parts[1].contains { !$0.isWhitespace }
        return isMarked && (String(main).wholeMatch(of: requirement) != nil || text.wholeMatch(of: direct) != nil)
    }

    static func pipSuggestion(_ text: String) -> String? {
        let better = text.replacing(/([A-Za-z0-9\]])=([0-9])/) { "\($0.output.1)==\($0.output.2)" }
        return better != text && isPip(better) ? better : nil
    }

    private nonisolated(unsafe) static let requirement =
        /\s*[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?\s*(?:\[\s*[A-Za-z0-9._-]+(?:\s*,\s*[A-Za-z0-9._-]+)*\s*\])?\s*(?:(?:===|==|!=|<=|>=|<|>|~=)\s*[A-Za-z0-9.*+!_-]+(?:\s*,\s*(?:===|==|!=|<=|>=|<|>|~=)\s*[A-Za-z0-9.*+!_-]+)*)?\s*/
    private nonisolated(unsafe) static let direct =
        /[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?(?:\[[A-Za-z0-9._, -]+\])?\s*@\s*(?:git\+)?https:\/\/[A-Za-z0-9.-]+(?::[0-9]{1,5})?\/[^\s@#]*(?:@[A-Za-z0-9._\/-]+)?(?:#\S+)?(?:\s+;.+)?/
}
