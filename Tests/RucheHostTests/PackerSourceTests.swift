import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Templates of Packer on disk, with what they read.
@Suite struct PackerSourceTests {
    private let folders = RecipeFolderTests()
    private static let recipe = "ruche: 1\nname: lab/win\nversion: 1.0.0\nfrom: packer:win/t.json\n"
    private static let template = #"""
        {"variables": {"size": null},
         "builders": [{"type": "qemu", "disk_size": "{{user `size`}}", "http_directory": "http"}],
         "provisioners": [{"type": "shell", "script": "setup.sh"}]}
        """#
    private static let whole = [
        "ruche.yaml": recipe + "packer: {variable_files: [size.json], files: [more]}\n", "win/t.json": template,
        "size.json": #"{"size": "4G"}"#, "win/http/preseed.cfg": "x", "win/setup.sh": "true", "more/a": "x",
        "other": "x",
    ]

    @Test func everythingThatIsReadIsKnown() throws {
        try folders.withFolder(Self.whole) { folder in
            let document = try RecipeFolder.load(folder).document
            let paths = Set(document.files.map(\.path))
            #expect(paths == ["win/t.json", "size.json", "more", "win/http", "win/setup.sh"])
        }
    }

    private func problems(_ change: (inout [String: String]) -> Void) throws -> [Problem] {
        var files = Self.whole
        change(&files)
        var found: [Problem] = []
        try folders.withFolder(files) { folder in
            found = folders.problems(folder).map { problem in
                var problem = problem
                problem.file = problem.file?.replacing(folder.string + "/", with: "")
                return problem
            }
        }
        return found
    }

    @Test func aFileThatIsMissingIsToldWithItsPlaceInTheTemplate() throws {
        let found = try problems { $0["win/setup.sh"] = nil }
        #expect(
            found.map(\.description) == [
                "win/t.json:3:47: provisioners[0].script: there is no such file beside the recipe (found \"win/setup.sh\")"
            ])
    }

    @Test func valuesComeFromFilesAndTheRecipe() throws {
        let without = try problems { $0["ruche.yaml"] = Self.recipe }
        #expect(without.count == 1 && without[0].path == "variables.size" && without[0].file == "win/t.json")
        let bad = try problems { $0["size.json"] = "{\"size\": [1]}" }
        #expect(bad.contains { $0.file == "size.json" && $0.line == 1 }, "\(bad)")
        let unknown = try problems { $0["ruche.yaml"]? += "  # more\n" }
        #expect(unknown.isEmpty, "\(unknown)")
        let typo = try problems { $0["ruche.yaml"] = Self.recipe + "packer: {variables: {size: 1G, siez: 2G}}\n" }
        #expect(typo.map(\.path) == ["packer.variables.siez"] && typo.first?.line == 5, "\(typo)")
    }

    @Test func templatesThatCanNotBeReadAreRefused() throws {
        #expect(try problems { $0["win/t.json"] = nil }.first?.path == "from")
        let text = try problems { $0["win/t.json"] = "{\n\"builders\": [}" }
        #expect(text.first?.file == "win/t.json" && text.first?.line == 2)
        let hcl = try problems {
            $0["win/t.pkr.hcl"] = ""
            $0["ruche.yaml"] = "ruche: 1\nname: lab/win\nversion: 1.0.0\nfrom: packer:win/t.pkr.hcl\n"
        }
        #expect(hcl.first?.message.contains("HCL") == true && hcl.first?.line == 4)
    }

    @Test func linksThatLeadOutAreRefused() throws {
        try folders.withFolder(Self.whole) { folder in
            try FileTree.remove(folder.appending("win/http"))
            try #require(symlink("/etc", folder.appending("win/http").string) == 0)
            let found = folders.problems(folder)
            #expect(found.first?.message.contains("leads out") == true, "\(found)")
        }
    }
}
