import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

@Suite struct RecipeFolderTests {
    /// Runs `body` with a new folder that holds `files`, and removes it.
    func withFolder(_ files: [String: String], _ body: (FilePath) throws -> Void) throws {
        let folder = FilePath("/tmp/ruche-recipe-\(getpid())-\(UInt64.random(in: .min ... .max))")
        defer { try? FileTree.remove(folder) }  // what is left of a test does not fail it
        try FileTree.makeFolder(folder)
        for (name, text) in files {
            let path = folder.appending(name)
            try FileTree.makeFolder(path.removingLastComponent())
            try AtomicFile.write(Array(text.utf8), to: path)
        }
        try body(folder)
    }

    static let head = "ruche: 1\nname: lab/tool\nversion: 1.0.0\nfrom: debian:bookworm\n"

    func problems(_ path: FilePath) -> [Problem] {
        do {
            _ = try RecipeFolder.load(path)
            return []
        } catch {
            return (error as? RucheError)?.problems ?? []
        }
    }

    @Test func loadsAFolderOrAFile() throws {
        let recipe = Self.head + "steps: [{copy: {from: job/, to: /job}}]\npipeline: {job: /job/run, form: form.json}\n"
        let files = ["ruche.yaml": recipe, "job/run": "x", "form.json": #"{"a": {"type": "integer"}}"#]
        try withFolder(files) { folder in
            for path in [folder, folder.appending("ruche.yaml")] {
                let loaded = try RecipeFolder.load(path)
                #expect(loaded.folder == folder)
                #expect(loaded.file == "ruche.yaml")
                #expect(loaded.document.form?.fields.map(\.key) == ["a"])
                #expect(loaded.document.recipe.name.description == "lab/tool")
            }
        }
    }

    @Test func reportsRecipeFilesAndFormTogether() throws {
        let recipe =
            Self.head + "sumary: x\nsteps:\n  - shell: scripts/setp.sh\n  - copy: {from: nothing, to: /x}\n"
            + "  - shell: job\n  - ansible: {playbook: p.yml, roles: p.yml}\npipeline: {job: run, form: form.json}\n"
        let files = [
            "ruche.yaml": recipe, "scripts/setup.sh": "x", "job/run": "x", "p.yml": "x",
            "form.json": #"{"a": {"type": "int"}}"#,
        ]
        try withFolder(files) { folder in
            let problems = problems(folder)
            let paths = [
                "sumary", "steps[0].shell", "steps[1].copy.from", "steps[2].shell", "steps[3].ansible.roles", "a.type",
            ]
            #expect(problems.map(\.path) == paths, "\(problems)")
            #expect(problems[1].suggestion == "scripts/setup.sh")
            #expect(problems[1].line == 7)
            #expect(problems[3].message.contains("is a folder"))
            #expect(problems[5].file == folder.appending("form.json").string)
        }
    }

    @Test func refusesLinksThatLeaveTheFolder() throws {
        let recipe =
            Self.head + "steps:\n  - shell: out.sh\n  - shell: in.sh\n  - ansible: {playbook: p.yml, roles: roles}\n"
        try withFolder(["ruche.yaml": recipe, "real.sh": "x", "p.yml": "x", "roles/a/main.yml": "x"]) { folder in
            #expect(symlink("/etc/passwd", folder.appending("out.sh").string) == 0)
            #expect(symlink("real.sh", folder.appending("in.sh").string) == 0)
            #expect(symlink("/etc", folder.appending("roles/a/files").string) == 0)
            let problems = problems(folder)
            #expect(problems.map(\.path) == ["steps[0].shell", "steps[2].ansible.roles"])
            #expect(problems.last?.message.contains("roles/a/files") == true)
        }
    }

    @Test func refusesPipesDevicesAndForeignText() throws {
        try withFolder(["ruche.yaml": Self.head + "steps: [{shell: pipe}]\n"]) { folder in
            #expect(mkfifo(folder.appending("pipe").string, 0o600) == 0)
            #expect(problems(folder).first?.message.contains("neither a file nor a folder") == true)
            #expect(throws: RucheError.self) { try RecipeFolder.load(folder.appending("pipe")) }
            #expect(throws: RucheError.self) { try RecipeFolder.load("/dev/zero") }
            try AtomicFile.write([0x61, 0x3A, 0x20, 0xFF], to: folder.appending("bad.yaml"))
            #expect(problems(folder.appending("bad.yaml")).first?.message == "the file is not UTF-8 text")
        }
    }

    @Test func saysThatThereIsNoRecipe() throws {
        try withFolder([:]) { folder in
            let error = #expect(throws: RucheError.self) { try RecipeFolder.load(folder) }
            #expect(error?.code == .notFound)
            #expect(error?.message.contains("ruche.yaml") == true)
        }
    }

    @Test func linksInACopiedFolderStayBesideTheRecipe() throws {
        let files = ["ruche.yaml": Self.head + "steps: [{copy: {from: job/, to: /job}}]\n", "job/in/run": "x"]
        let links = ["../../sibling": true, "later": true, "../../../up": false, "/usr/bin/tool": false]
        for (target, isFine) in links {
            try withFolder(files) { folder in
                #expect(symlink(target, folder.appending("job/in/link").string) == 0)
                #expect(problems(folder).map(\.path) == (isFine ? [] : ["steps[0].copy.from"]), "\(target)")
            }
        }
    }

    @Test func aLongListOfProblemsEndsWithTheirNumber() throws {
        let steps = String(repeating: "  - copy: {from: none, to: /x}\n", count: 300)
        try withFolder(["ruche.yaml": Self.head + "steps:\n" + steps]) { folder in
            let error = #expect(throws: RucheError.self) { try RecipeFolder.load(folder) }
            #expect(error?.problems.count == 251)
            #expect(error?.problems.last?.message == "and 50 more problems not listed")
            #expect(error?.message.hasSuffix("has 300 problems") == true)
        }
    }
}
