import RucheHost
import SystemPackage
import Testing

@testable import ruche

@Suite struct ReferenceTests {
    @Test func theDocumentIsCurrent() throws {
        // Tests/CommandTests/ReferenceTests.swift -> docs/cli.md
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        let text = String(decoding: try AtomicFile.read(root.appending("docs/cli.md")), as: UTF8.self)
        #expect(text == Reference.text(), "docs/cli.md is not what the program says: run make docs")
    }

    @Test func namesEveryExitStatus() {
        let text = Reference.text()
        for status in ExitClass.allCases { #expect(text.contains("| \(status.rawValue) | \(status.meaning) |")) }
    }
}
