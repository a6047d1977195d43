/// Header fields as Debian and Python write them: `Name: value` lines, stanzas parted by blank lines
/// (deb-control(5), RFC 822). Continuation lines are left out.
enum ControlFields {
    /// The `wanted` fields (names in lower case) of each stanza that has any.
    static func stanzas(_ bytes: [UInt8], _ wanted: Set<String>) -> [[String: String]] {
        var result: [[String: String]] = []
        var fields: [String: String] = [:]
        visit(bytes) { line in
            if line.isEmpty {
                if !fields.isEmpty { result.append(fields) }
                fields = [:]
            } else {
                read(line, wanted, into: &fields)
            }
            return true
        }
        if !fields.isEmpty { result.append(fields) }
        return result
    }

    /// The `wanted` fields up to the first blank line.
    static func header(_ bytes: [UInt8], _ wanted: Set<String>) -> [String: String] {
        var fields: [String: String] = [:]
        visit(bytes) { line in
            read(line, wanted, into: &fields)
            return !line.isEmpty
        }
        return fields
    }

    private static func visit(_ bytes: [UInt8], _ body: (ArraySlice<UInt8>) -> Bool) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let end = bytes[start...].firstIndex(of: 10) ?? bytes.endIndex
            guard body(bytes[start..<end]) else { return }
            start = end + 1
        }
    }

    private static func read(_ line: ArraySlice<UInt8>, _ wanted: Set<String>, into fields: inout [String: String]) {
        guard let first = line.first, first != 32, first != 9, let colon = line.firstIndex(of: 58) else { return }
        let name = String(decoding: line[..<colon].map { (65...90).contains($0) ? $0 + 32 : $0 }, as: UTF8.self)
        guard wanted.contains(name) else { return }
        fields[name] = String(decoding: line[(colon + 1)...].drop { $0 == 32 }, as: UTF8.self)
    }
}
