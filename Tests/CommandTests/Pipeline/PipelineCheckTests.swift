import ArgumentParser
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import ruche

@Suite struct PipelineCheckTests {
    private func check(
        _ manifest: String, format: Output.Format = .text
    ) async throws -> (captured: Captured, code: Int32) {
        try await Scratch.with { folder in
            let package = folder.appending("p")
            try FileTree.makeFolder(package)
            try AtomicFile.write(Array(manifest.utf8), to: package.appending("manifest.json"))
            try AtomicFile.write(Array("FROM scratch\n".utf8), to: package.appending("Dockerfile"))
            try AtomicFile.write([10], to: package.appending("form.json"))
            let captured = Captured()
            let context = try CommandFixture.context(captured, format: format, folder: folder)
            do {
                try await PipelineCheck.parse(["p"]).run(context)
                return (captured, 0)
            } catch let code as ExitCode {
                return (captured, code.rawValue)
            }
        }
    }

    @Test func namesEveryFindingWithItsPlaceAndSucceedsWithoutAnError() async throws {
        let (captured, code) = try await check("{\"name\": \"Vep\", \"version\": \"1\",\n \"versoin\": True,}")
        #expect(code == 0)
        #expect(captured.results.contains("warning: manifest.json:2:2: versoin: unknown key"))
        #expect(captured.results.contains("did you mean \"version\"?"))
        #expect(captured.results.contains("warning: manifest.json:2:17: a comma"))
        #expect(captured.results.contains("note: form.json: the form is empty"))
        #expect(captured.results.contains("dockerfile package local/vep:1"))
    }

    @Test func endsAsBadInputDoesWithAnError() async throws {
        let (captured, code) = try await check("{\"name\": \"Vep\", \"inputs\": \"x\"}", format: .json)
        #expect(code == ExitClass(.invalidInput).rawValue)
        for part in [#""severity" : "error""#, #""path" : "inputs""#, #""path" : "version""#] {
            #expect(captured.results.contains(part), "\(part) in \(captured.results)")
        }
    }
}
