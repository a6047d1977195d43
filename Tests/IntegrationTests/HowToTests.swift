import RucheHost
import SystemPackage
import Testing

/// The how-to works as it is written, in both languages.
@Suite struct HowToTests {
    @Test(arguments: ["making-a-pipeline.md", "fr/creer-un-pipeline.md"])
    func itsCommandsDoWhatItSays(document: String) async throws {
        try await RucheFixture.withDemo { fixture in
            let path = RucheFixture.package.appending("docs").pushing(FilePath(document))
            let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
            let blocks = Self.shellBlocks(text)
            #expect(blocks.count > 6)
            let script = try fixture.write("howto.sh", blocks.joined(separator: "\n"))
            let folder = FilePath(RucheFixture.program).removingLastComponent()
            var command = Command(
                "/bin/sh", ["-eux", script.string],
                environment: [
                    "RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string, "NO_COLOR": "1",
                    "PATH": "\(folder):\(Tool.searchPath)",
                ])
            command.workingDirectory = fixture.folder
            let result = try await fixture.runner.run(command, onLine: nil)
            #expect(result.status.isSuccess, "\(result.output.suffix(3000))\n\(result.errorTail)")
            #expect(result.output.contains(".txt 2\n"), "the run that ends it counted: \(result.output.suffix(3000))")
        }
    }

    /// The blocks marked `sh`, in order.
    private static func shellBlocks(_ text: String) -> [String] {
        var blocks: [String] = []
        var current: [Substring]?
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if let lines = current {
                if line == "```" {
                    blocks.append(lines.joined(separator: "\n"))
                    current = nil
                } else {
                    current = lines + [line]
                }
            } else if line == "```sh" {
                current = []
            }
        }
        return blocks
    }
}
