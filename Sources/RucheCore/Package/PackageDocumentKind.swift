/// Documents that a package brings for people.
package enum PackageDocumentKind: String, Hashable, Sendable, Codable, CaseIterable {
    case icon, about, help, license, readme

    /// The kind that a key of `documents` means; `presentation` is what an older dialect says for `about`.
    init?(key: String) { self.init(rawValue: key == "presentation" || key == "prez" ? "about" : key) }

    /// The kind that a file's name suggests; nil when it suggests none.
    init?(fileName: String) {
        let name = fileName.lowercased()
        let stem = String(name.prefix { $0 != "." })
        switch stem {
        case "icon", "logo": self = .icon
        case "about", "presentation", "prez": self = .about
        case "help", "doc": self = .help
        case "license", "licence", "copying": self = .license
        case "readme": self = .readme
        default: return nil
        }
    }

    /// Where packages keep it when their manifest does not say; the first that is there is taken.
    package var usualPaths: [String] {
        switch self {
        case .icon: ["doc/icon.png", "doc/icon.jpg"]
        case .about: ["doc/about.html", "doc/prez.html"]
        case .help: ["doc/help.html"]
        case .license: ["LICENSE", "LICENSE.txt", "LICENSE.md"]
        case .readme: ["README", "README.txt", "README.md"]
        }
    }
}
