/// Files of variables of Packer (JSON): one object of names and values.
package enum PackerVariables {
    package static func read(_ text: String, file: String) -> (values: [String: String], problems: [Problem]) {
        let (root, problems) = JSONSource.parse(text, file: file)
        guard let root else { return ([:], problems) }
        var source = SourceReader(file: file)
        guard let map = root.map else {
            source.reportType(root, "", allowed: "an object of variables")
            return ([:], source.problems)
        }
        var values: [String: String] = [:]
        for entry in map {
            values[entry.key] = source.value(
                entry.value, SourceReader.join("", entry.key), allowed: "text", isTakenAsWritten: true, { $0 })
        }
        return (values, problems + source.problems)
    }
}
