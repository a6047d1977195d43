import RucheBuild
import Testing

@Suite struct DockerfileBasesTests {
    @Test(arguments: [
        ("FROM lab/base:1.0\nRUN x", ["lab/base:1.0"]), ("from --platform=linux/amd64 a/b AS x\nFROM x", ["a/b"]),
        ("ARG B=lab/base:2\nFROM ${B}\nCOPY --from=lab/tools:1 /x /y", ["lab/base:2", "lab/tools:1"]),
        ("FROM scratch\nCOPY --from=0 /a /b", []), ("# FROM a/b\nFROM \\\n  c/d\n", ["c/d"]), ("", []),
        ("FROM a/b\nFROM a/b", ["a/b"]),
    ])
    func findsTheImagesThatAreNoStages(text: String, names: [String]) {
        #expect(DockerfileBases.names(in: text) == names)
    }

    @Test func translatesTheJSONAndTheShellForm() {
        let translation = DockerfileTranslation(
            "FROM lab/base:1\nENTRYPOINT [\"/run\", \"a b\"]\nCMD [\"-x\"]\nRUN [\"/bin/ls\", \"c d\"]\nCOPY a b /dir/")
        #expect(translation.from == "lab/base:1" && translation.job == ["/run", "a b", "-x"])
        #expect(
            translation.steps == [
                .run("/bin/ls 'c d'"), .copy(from: "a", to: "/dir/"), .copy(from: "b", to: "/dir/"),
            ])
    }
}
