/// Where something stands in a document: 1-based line, and 1-based column counted in Unicode scalars.
package struct Place: Hashable, Sendable, Codable {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }
}
