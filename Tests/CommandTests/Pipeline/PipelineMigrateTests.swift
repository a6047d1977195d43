import ArgumentParser
import RucheCore
import RucheHost
import Support
import SystemPackage
import Testing

@testable import ruche

@Suite struct PipelineMigrateTests {
    private static func writePackage(in folder: FilePath) throws {
        let package = folder.appending("p")
        func write(_ name: String, _ text: String) throws {
            let path = package.pushing(FilePath(name))
            try FileTree.makeFolder(path.removingLastComponent())
            try AtomicFile.write(Array(text.utf8), to: path)
        }
        try write(
            "manifest.json",
            #"{"name": "Vep", "version": "v1.2", "description": "Annotates", "license": "AGPL", "contacts": [["Ada", "a@example.org"]]}"#
        )
        try write(
            "Dockerfile",
            """
            # Comment
            FROM debian:bookworm-slim
            ENV LANG=C.UTF-8 MODE "x"
            RUN apt-get update && \\
                apt-get install -y curl
            WORKDIR /work
            COPY run.sh ./
            EXPOSE 80
            CMD ["/bin/sh", "run it.sh"]
            """)
        try write("run.sh", "true\n")
        try write("form.json", #"{"n": {"type": "integer", "default": 1,}}"#)
        try FolderArchive.write(package, to: folder.appending("p.tar"))
    }

    @Test func aDockerfileBecomesARecipeThatIsCheckedAndSaysWhatIsLost() async throws {
        try await Scratch.with { folder in
            try Self.writePackage(in: folder)
            let captured = Captured()
            let context = try CommandFixture.context(captured, folder: folder)
            try await PipelineMigrate.parse(["p.tar", "-o", "out"]).run(context)
            #expect(captured.results.contains("not carried over: EXPOSE"))
            #expect(captured.results.contains("not carried over: the licence \"AGPL\""))
            let (document, _, _) = try RecipeFolder.load(folder.appending("out"))
            let recipe = document.recipe
            #expect((recipe.name.description, recipe.version.description) == ("local/vep", "1.2"))
            #expect(recipe.from == .debian(suite: "bookworm") && recipe.workdir == "/work")
            #expect(recipe.steps.count == 2 && recipe.env["LANG"] == "C.UTF-8")
            #expect(recipe.pipeline?.job == "/bin/sh 'run it.sh'")
            #expect(document.form?.fields.map(\.key) == ["n"])
            await #expect(throws: RucheError.self) {
                try await PipelineMigrate.parse(["p.tar", "-o", "out"]).run(context)
            }
        }
    }
}
