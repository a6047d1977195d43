import RucheCore
import Testing

/// A recipe that starts from a finished disk.
@Suite struct PackerRecipeTests {
    private func read(_ text: String, from: String = "packer:win/t.json") -> (recipe: Recipe?, problems: [Problem]) {
        RecipeParser.parse("ruche: 1\nname: a/b\nversion: 1.0.0\nfrom: \(from)\n" + text, file: "ruche.yaml")
    }

    @Test func hasATemplateAndWhatIsSaidOfIt() throws {
        let (recipe, problems) = read(
            """
            packer:
              builder: qemu
              variables: {disk_size: 40G, count: 2}
              variable_files: [win/common.json]
              secrets: [admin_password]
              files: [win/extra]
              format: raw
            machine: {memory: 4G, user: ada, ssh: false, cloud_init: false}
            """)
        #expect(problems == [])
        let found = try #require(recipe)
        #expect(found.from == .packerTemplate(path: "win/t.json") && found.from.description == "packer:win/t.json")
        #expect(found.packer?.variables == ["disk_size": "40G", "count": "2"])
        #expect(found.packer?.format == .raw)
        #expect(found.files.map(\.path) == ["win/t.json", "win/common.json", "win/extra"])
        #expect(found.variants == [.qcow2], "a container can't be meant")
    }

    static let table: [(String, Int, String, String)] = [
        ("steps:\n  - apt: [bwa]", 6, "steps[0]", "allowed: a provisioner in win/t.json"),
        ("steps:\n  - shell: \"echo x\"", 6, "steps[0]", "found shell"),
        ("variants: [qcow2, oci]", 5, "variants[1]", "can't become one"),
        ("variants: [lxd]", 5, "variants[0]", "lxd-vm, raw, qcow2"),
        ("tests: [\"true\"]", 5, "tests", "provisioner of win/t.json"),
        ("env: {A: b}", 5, "env", "container's image"),
        ("workdir: /a", 5, "workdir", "container's image"),
        ("user: ada", 5, "user", "machine.user"),
        ("labels: {a: b}", 5, "labels", "container's image"),
        ("pipeline: {job: /x}", 5, "pipeline", "containers"),
        ("mirror: https://example.org/debian", 5, "mirror", "says where packages come from"),
        ("machine: {disk: 10G}", 5, "machine.disk", "disk_size"),
        ("machine: {kernel: linux-image-amd64}", 5, "machine.kernel", "installs"),
        ("machine: {network: {address: 10.0.0.1/8}}", 5, "machine.network", "finished disk"),
        ("packer: {variables: {a: b}, secrets: [a]}", 5, "packer.secrets[0]", "for all to read"),
        ("packer: {format: iso}", 5, "packer.format", "qcow2, vmdk"),
        ("packer: {files: [../x]}", 5, "packer.files[0]", "without \"..\""),
        ("packer: {bilder: qemu}", 5, "packer.bilder", "\"builder\""),
        ("packer: {secrets: [\"a b\"]}", 5, "packer.secrets[0]", "names of letters"),
    ]

    @Test(arguments: table.indices)
    func whatADiskCanNotBeIsToldWithItsPlace(index: Int) {
        let (text, line, path, words) = Self.table[index]
        let (recipe, problems) = read(text)
        #expect(recipe == nil)
        #expect(problems.count == 1, "\(problems)")
        #expect(problems.first?.line == line)
        #expect(problems.first?.path == path)
        #expect("\(problems)".contains(words), "\(problems)")
    }

    @Test func packerIsForSuchABaseAlone() {
        let (_, problems) = read("packer: {builder: qemu}", from: "debian:bookworm")
        #expect(problems.map(\.path) == ["packer"])
        #expect("\(problems)".contains("from: packer:TEMPLATE"))
    }

    @Test func theTemplateIsBesideTheRecipe() {
        for from in ["packer:../t.json", "packer:/t.json"] {
            #expect(read("", from: from).problems.map(\.path) == ["from"], "\(from)")
        }
        #expect("\(read("", from: "paker:t.json").problems)".contains("packer:t.json"))
    }
}
