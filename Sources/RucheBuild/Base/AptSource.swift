import Foundation
import RucheCore
import RucheHost
import SystemPackage

/// One archive of apt sources: a URI with suites and components (sources.list(5)).
struct AptSource: Hashable, Sendable, Codable {
    var uri: String
    var suites: [String]
    var components: [String]
    /// Options of the line in an image, such as `check-valid-until=no`.
    var options: [String] = []

    /// One-line entries, one a suite.
    var lines: [String] {
        let prefix = options.isEmpty ? "deb" : "deb [\(options.joined(separator: " "))]"
        return suites.map { "\(prefix) \(uri) \($0) \(components.joined(separator: " "))" }
    }

    /// The machine's own binary archives, from `sources.list`, `*.list` and `*.sources` in `folder`.
    static func ofMachine(in folder: FilePath) -> [AptSource] {
        var sources = parseList(text(folder.appending("sources.list")))
        let parts = folder.appending("sources.list.d")
        // A machine without apt has no sources: the caller asks for a mirror then.
        for name in (try? FileTree.names(in: parts)) ?? [] {
            if name.hasSuffix(".list") { sources += parseList(text(parts.appending(name))) }
            if name.hasSuffix(".sources") { sources += parseStanzas(text(parts.appending(name))) }
        }
        return sources
    }

    static func parseList(_ text: String) -> [AptSource] {
        text.split(separator: "\n").compactMap { line in
            var fields = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
            guard fields.first == "deb" else { return nil }
            fields.removeFirst()
            if fields.first?.hasPrefix("[") == true {
                guard let end = fields.firstIndex(where: { $0.hasSuffix("]") }) else { return nil }
                fields.removeFirst(end + 1)
            }
            guard fields.count >= 3 else { return nil }
            return AptSource(uri: fields[0], suites: [fields[1]], components: Array(fields[2...]))
        }
    }

    static func parseStanzas(_ text: String) -> [AptSource] {
        text.split(separator: /\n[ \t]*\n/).flatMap { stanza -> [AptSource] in
            var fields: [String: [String]] = [:]
            for line in stanza.split(separator: "\n") where !line.hasPrefix("#") {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let words = line[line.index(after: colon)...].split(whereSeparator: \.isWhitespace).map(String.init)
                fields[line[..<colon].lowercased()] = words
            }
            guard fields["types"]?.contains("deb") == true, fields["enabled"]?.first?.lowercased() != "no" else {
                return []
            }
            return (fields["uris"] ?? []).map {
                AptSource(uri: $0, suites: fields["suites"] ?? [], components: fields["components"] ?? ["main"])
            }
        }
    }

    private static func text(_ path: FilePath) -> String {
        // A file that is missing or not for us to read names no mirror.
        String(decoding: (try? AtomicFile.read(path, limit: 1 << 20)) ?? [], as: UTF8.self)
    }
}
