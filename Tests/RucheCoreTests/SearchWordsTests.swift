import RucheCore
import Testing

@Suite struct SearchWordsTests {
    @Test(arguments: [
        ("Variant-Calling v1.2", ["variant", "calling", "v1", "2"]), ("Génôme ÉCOLE", ["genome", "ecole"]),
        ("a\u{0}b", ["a", "b"]), ("((\"*'", []), ("基因组 分析", ["基因组", "分析"]), ("", []),
    ])
    func textsAreSplit(text: String, words: [String]) {
        #expect(SearchWords.split(text) == words)
    }

    @Test func aWordHasABound() {
        #expect(SearchWords.split(String(repeating: "x", count: 10_000)).map(\.count) == [64])
        #expect(SearchWords.joined(["one two", nil, "Two three"]) == "one two three")
    }
}
