/// The two kinds of path a recipe may write.
enum PathSyntax {
    static let relativeRule = "a path beside the recipe: relative, without \"..\""
    static let absoluteRule = "an absolute path in the image, without \"..\""

    /// A path that stays in the recipe's folder, without needless parts; nil for any other.
    static func relative(_ text: String) -> String? {
        guard !text.hasPrefix("/"), let parts = parts(text) else { return nil }
        return parts.isEmpty ? "." : parts.joined(separator: "/")
    }

    /// An absolute path without needless parts; a trailing slash stays when `keepsSlash`.
    static func absolute(_ text: String, keepsSlash: Bool = false) -> String? {
        guard text.hasPrefix("/"), let parts = parts(text) else { return nil }
        let path = "/" + parts.joined(separator: "/")
        return keepsSlash && text.hasSuffix("/") && path != "/" ? path + "/" : path
    }

    private static func parts(_ text: String) -> [Substring]? {
        let isClean = text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
        guard (1...1024).contains(text.utf8.count), isClean else { return nil }
        let parts = text.split(separator: "/").filter { $0 != "." }
        return parts.allSatisfy { $0 != ".." && $0.utf8.count <= 255 } ? parts : nil
    }

    static func isSame(_ path: String, orBelow other: String) -> Bool {
        path == other || path.hasPrefix(other == "/" ? "/" : other + "/")
    }
}
