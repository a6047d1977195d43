import Foundation
import RucheServer
import Support
import Testing

@Suite struct AccessTableTests {
    @Test func theDocumentationHasEveryRouteWithItsRight() async throws {
        let rows = try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            return AccessTable.rows(try APIFixture.routes() + fixture.routes + fixture.accountRoutes)
        }
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/access.md")
        let documented = Set(
            try String(contentsOf: file.standardized, encoding: .utf8).split(separator: "\n").map(String.init))
        for row in rows { #expect(documented.contains(row), "docs/access.md lacks the line: \(row)") }
    }
}
