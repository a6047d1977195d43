/// Licence expressions of SPDX (specification 2.3, annex D), such as `MIT OR (Apache-2.0 AND LicenseRef-data)`.
package enum LicenseExpression {
    static let rule = "an SPDX licence expression, such as GPL-3.0-or-later or MIT AND CC-BY-4.0"

    /// What is wrong with an expression.
    package struct Fault: Hashable, Sendable {
        package var message: String
        package var suggestion: String?
    }

    /// Nil when the expression is well formed and names known licences and exceptions only.
    package static func fault(in text: String) -> Fault? {
        if let common = commonMistakes[text.lowercased()] {
            return Fault(message: "is not an SPDX licence", suggestion: common)
        }
        let spaced = text.replacing("(", with: " ( ").replacing(")", with: " ) ")
        var tokens = spaced.split { $0.isWhitespace }.map(String.init)[...]
        guard text.utf8.count <= 512 else { return Fault(message: "is too long") }
        if let fault = expression(&tokens, depth: 0) { return fault }
        return tokens.first.map { Fault(message: "is no licence expression: \"\($0)\" is unexpected") }
    }

    private static func expression(_ tokens: inout ArraySlice<String>, depth: Int) -> Fault? {
        while true {
            if let fault = term(&tokens, depth: depth) { return fault }
            guard let word = tokens.first, ["AND", "OR", "and", "or"].contains(word) else { return nil }
            tokens.removeFirst()
        }
    }

    private static func term(_ tokens: inout ArraySlice<String>, depth: Int) -> Fault? {
        guard depth < 16, let token = tokens.popFirst() else {
            return Fault(message: "is no licence expression: it ends too early")
        }
        if token == "(" {
            if let fault = expression(&tokens, depth: depth + 1) { return fault }
            return tokens.popFirst() == ")" ? nil : Fault(message: "is no licence expression: \")\" is missing")
        }
        if let fault = licence(token) { return fault }
        guard tokens.first == "WITH" || tokens.first == "with" else { return nil }
        tokens.removeFirst()
        guard let exception = tokens.popFirst() else { return Fault(message: "names no exception after WITH") }
        return find(exception, in: SPDXIdentifiers.exceptions, what: "exception")
    }

    private static func licence(_ token: String) -> Fault? {
        if token.wholeMatch(of: /(?:DocumentRef-[A-Za-z0-9.-]+:)?LicenseRef-[A-Za-z0-9.-]+/) != nil { return nil }
        return find(
            token.hasSuffix("+") ? String(token.dropLast()) : token, in: SPDXIdentifiers.licences, what: "licence")
    }

    private static func find(_ name: String, in known: Set<String>, what: String) -> Fault? {
        // The specification (D.2) has identifiers compare without regard to case.
        let folded = name.lowercased()
        if known.contains(name) || known.contains(where: { $0.lowercased() == folded }) { return nil }
        return Fault(
            message: "\"\(name.prefix(60))\" is not an SPDX \(what)",
            suggestion: commonMistakes[folded] ?? Spelling.nearest(name, among: known.sorted()))
    }

    private static let commonMistakes = [
        "apache": "Apache-2.0", "apache2": "Apache-2.0", "apache 2": "Apache-2.0", "apache 2.0": "Apache-2.0",
        "apache-2": "Apache-2.0", "bsd": "BSD-3-Clause", "bsd3": "BSD-3-Clause", "cc0": "CC0-1.0",
        "cc-by": "CC-BY-4.0", "cecill": "CECILL-2.1", "gpl": "GPL-3.0-or-later", "gpl2": "GPL-2.0-only",
        "gpl3": "GPL-3.0-or-later", "gpl v2": "GPL-2.0-only", "gpl v3": "GPL-3.0-or-later", "gplv2": "GPL-2.0-only",
        "gplv2+": "GPL-2.0-or-later", "gplv3": "GPL-3.0-only", "gplv3+": "GPL-3.0-or-later",
        "lgplv3": "LGPL-3.0-only", "agplv3": "AGPL-3.0-only", "mit license": "MIT", "mpl": "MPL-2.0",
        "public domain": "CC0-1.0", "proprietary": "LicenseRef-proprietary",
    ]
}
