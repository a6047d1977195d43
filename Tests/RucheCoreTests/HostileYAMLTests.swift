import RucheCore
import Testing

@Suite struct HostileYAMLTests {
    static let bomb =
        "a: &a [x, x, x]\n"
        + (0..<30).map { "b\($0): &b\($0) [*\($0 == 0 ? "a" : "b\($0 - 1)"), *\($0 == 0 ? "a" : "b\($0 - 1)")]\n" }
        .joined()
        + "? *b29\n: 1\n"

    static let table: [(String, String)] = [
        ("", "the file is empty"), ("# only\n", "the file is empty"), ("just text", "wrong type"),
        ("- a\n- b\n", "found a list of 2"), (recipe("summary: \"open\n"), "not valid YAML"),
        (recipe("\tsummary: x\n"), "spaces, not tabs"), (recipe("---\nruche: 1\n"), "another document"),
        (recipe("summary: \u{0}x\n"), "control character"), (recipe("summary: \u{1B}[31m\n"), "control character"),
        (recipe("summary: &a x\n"), "anchors and aliases"),
        (recipe("env: &e {A: x}\nlabels: *e\n"), "anchors and aliases"),
        (recipe("labels: *nothing\n"), "undefined alias"),
        (recipe("summary: !!binary aGk=\n"), "the tag"), (recipe("summary: !custom x\n"), "the tag"),
        (recipe("? [a, b]\n: x\n"), "a key must be plain text"), (recipe("<<: {summary: x}\n"), "unknown key"),
        (bomb, "anchors and aliases"),
        (recipe("description: \(String(repeating: "x", count: 70_000))\n"), "70000 bytes"),
        (String(repeating: "#\n", count: 600_000), "at most 1048576"),
        (recipe("labels: \(String(repeating: "[", count: 40))\(String(repeating: "]", count: 40))\n"), "nested deeper"),
        (String(repeating: "[", count: 100_000), "nesting"), (String(repeating: "{a: ", count: 100_000), "nesting"),
        (String(repeating: "- ", count: 100_000), "nesting"), (String(repeating: "? ", count: 100_000), "nesting"),
        (recipe("keywords: [\(String(repeating: "a,", count: 60_000))a]\n"), "more than 50000 values"),
        ("\u{FEFF}\u{FEFF}a: b", "r:1"), ("%YAML 3.0\n---\na: b\n", "r:1"), ("a: b: c\n", "not valid YAML"),
    ]

    @Test(arguments: table)
    func refusesHostileText(text: String, words: String) {
        let (parsed, problems) = RecipeParser.parse(text, file: "r")
        #expect(parsed == nil)
        #expect(!problems.isEmpty)
        #expect(problems.count <= 201)
        #expect(problems.contains { $0.description.contains(words) }, "\(problems.prefix(3))")
    }

    @Test func boundsTheReport() {
        let text = recipe((0..<5000).map { "k\($0): 1\n" }.joined())
        #expect(RecipeParser.parse(text, file: "r").problems.count == 200)
    }

    @Test func givesUpOnManyRepeatedKeysWithOneProblemAtLeast() {
        let text = recipe(String(repeating: "summary: x\n", count: 500))
        #expect(!RecipeParser.parse(text, file: "r").problems.isEmpty)
    }

    @Test func survivesEveryCutOfARecipe() {
        let text = RecipeParserTests.full
        for length in 0..<text.count {
            let (parsed, problems) = RecipeParser.parse(String(text.prefix(length)), file: "r")
            #expect((parsed == nil) == !problems.isEmpty)
        }
    }

    @Test func namesTheFirstByteThatIsNotUTF8() {
        let (text, problem) = TextLimits.decode(Array("a: b\nc: ".utf8) + [0xFF, 0x41], file: "r")
        #expect(text == nil)
        #expect(problem?.line == 2)
        #expect(problem?.column == 4)
        #expect(TextLimits.decode(Array("é".utf8), file: "r").text == "é")
    }
}
