/// What Packer says with `-machine-readable` (its documentation, "Machine-Readable Output"): lines for people, and the
/// files of the artifacts.
package struct PackerOutput: Sendable {
    package enum Line: Hashable, Sendable {
        case text(String, isError: Bool)
        case other
    }

    /// Files that packages and disks are in, by how their names end. A disk may have no ending at all.
    private static let endings = ["box", "ova", "qcow2", "vmdk", "vdi", "vhdx", "raw", "img"]

    /// Of each build the files of its last artifact.
    private var artifacts: [String: (number: Int, files: [String])] = [:]

    package init() {}

    package mutating func read(_ line: String) -> Line {
        let words = line.split(separator: ",", omittingEmptySubsequences: false).map(Self.unescape)
        guard words.count > 3, words[0].count > 8, Int(words[0]) != nil else { return .text(line, isError: false) }
        if words[2] == "ui", words.count > 4 {
            return .text(words[4...].joined(separator: ","), isError: words[3] == "error")
        }
        guard words.count > 6, words[2] == "artifact", words[4] == "file", let number = Int(words[3]) else {
            return .other
        }
        if artifacts[words[1]]?.number != number { artifacts[words[1]] = (number, []) }
        artifacts[words[1]]?.files.append(words[6])
        return .other
    }

    /// As Packer names them: absolute, or relative to where it was run.
    package var files: [String] { artifacts.values.flatMap(\.files).sorted() }

    /// The one file among them that is a disk or holds one. Throws `unsupported` for none and for several; `remedy` says
    /// how one is chosen.
    package func disk(remedy: String) throws -> String {
        let disks = files.filter { file in
            let name = file.split(separator: "/").last ?? ""
            guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return true }
            return Self.endings.contains(name[name.index(after: dot)...].lowercased())
        }
        guard let disk = disks.first, disks.count == 1 else {
            let names = files.isEmpty ? "no file" : files.joined(separator: ", ")
            throw RucheError(.unsupported, "the template makes \(disks.count) disks (\(names)): \(remedy)")
        }
        return disk
    }

    private static func unescape(_ text: Substring) -> String {
        String(text).replacing("%!(PACKER_COMMA)", with: ",").replacing("\\n", with: "\n").replacing("\\r", with: "")
    }
}
