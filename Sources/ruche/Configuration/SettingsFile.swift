import RucheCore
import RucheHost
import SystemPackage
import Yams

/// A configuration file: a YAML mapping of `SettingKey`s.
struct SettingsFile: Sendable {
    let path: FilePath
    let values: [SettingKey: String]
    /// The list under `engines`; nil when the file has none.
    var engines: [EngineSettings]?

    /// What is under `sites`; nil when the file has none.
    var sites: [String: SiteSettings]?

    private static let enginesKey = "engines"
    private static let sitesKey = "sites"

    /// Nil when there is no such file. Throws `invalid_input` with every problem and its place.
    static func load(_ path: FilePath) throws -> SettingsFile? {
        let text: String
        do {
            text = String(decoding: try AtomicFile.read(path, limit: 1 << 20), as: UTF8.self)
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            return nil
        } catch {
            throw RucheError(.invalidInput, "can't read the configuration \(path): \(error)", cause: error)
        }
        return try parse(text, path: path)
    }

    static func parse(_ text: String, path: FilePath) throws -> SettingsFile {
        guard let mapping = try mapping(text, path) else { return SettingsFile(path: path, values: [:]) }
        var values: [SettingKey: String] = [:]
        var sites: [String: SiteSettings]?
        var problems: [Problem] = []
        for (keyNode, node) in mapping {
            let name = keyNode.scalar?.string ?? ""
            if name == enginesKey { continue }
            if name == sitesKey {
                let found = SiteSettings.parse(node) { problem(path, $0, $1, $2) }
                sites = found.sites
                problems += found.problems
                continue
            }
            guard let key = SettingKey(rawValue: name) else {
                problems.append(unknown(path, keyNode, name))
                continue
            }
            guard let value = node.scalar?.string, !value.isEmpty else {
                problems.append(problem(path, node, name, "must be a single value"))
                continue
            }
            if values.updateValue(value, forKey: key) != nil {
                problems.append(problem(path, keyNode, name, "is given twice"))
            } else if key.isNumber, Int(value).map({ $0 < 1 }) ?? true {
                var finding = problem(path, node, name, "must be a whole number from 1")
                finding.found = value
                problems.append(finding)
            }
        }
        let engines =
            mapping.contains { $0.key.scalar?.string == enginesKey }
            ? EngineSettingsParser.parse(text, file: path.string) : nil
        problems += engines?.problems ?? []
        guard problems.isEmpty else { throw invalid(path, problems) }
        return SettingsFile(path: path, values: values, engines: engines?.engines, sites: sites)
    }

    /// Nil for a file that says nothing.
    private static func mapping(_ text: String, _ path: FilePath) throws -> Node.Mapping? {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch {
            throw RucheError(.invalidInput, "\(path) is not YAML: \(error)", cause: error)
        }
        guard let root, !root.isEmpty else { return nil }
        guard case .mapping(let mapping) = root else {
            throw invalid(path, [problem(path, root, "", "the configuration must be a mapping of keys to values")])
        }
        return mapping
    }

    private static func unknown(_ path: FilePath, _ node: Node, _ name: String) -> Problem {
        var finding = problem(path, node, name, "is no key of the configuration")
        finding.allowed = (SettingKey.allCases.map(\.rawValue) + [enginesKey, sitesKey]).joined(separator: ", ")
        return finding
    }

    private static func problem(_ path: FilePath, _ node: Node, _ key: String, _ message: String) -> Problem {
        Problem(file: path.string, line: node.mark?.line, column: node.mark?.column, path: key, message: message)
    }

    private static func invalid(_ path: FilePath, _ problems: [Problem]) -> RucheError {
        RucheError(
            .invalidInput, "the configuration \(path) has \(HumanText.count(problems.count, "problem"))",
            problems: problems)
    }
}

extension Node {
    fileprivate var isEmpty: Bool {
        if case .scalar(let scalar) = self { scalar.string.isEmpty } else { false }
    }
}
