import RucheCore
import Testing

@Suite struct ARKTests {
    /// The example of the algorithm's own description.
    @Test func theCheckCharacterIsNOIDs() {
        #expect(NOIDCheck.character(for: "13030/xf93gt2") == "q")
    }

    private static let ark = ARK(naan: "99999", stem: ARK.stem(shoulder: "r1", digest: (0..<32).map { UInt8($0 * 7) }))

    @Test func whatIsWrittenIsRead() throws {
        let ark = Self.ark
        for text in [
            "ark:/99999/\(ark.name)", "ark:99999/\(ark.name)", "ARK:/99999/\(ark.name)",
            "https://example.org/ark:/99999/\(ark.name)", "http://127.0.0.1:8080/ark:99999/\(ark.name)",
            "ark:/99999/\(ark.name.prefix(4))-\(ark.name.dropFirst(4))",
            "ark:/99999/\(ark.name.map { "\($0)\u{2010}" }.joined())",
        ] {
            #expect(try ARK(parsing: text) == ark, "\(text)")
            #expect(ARK.isMeant(text), "\(text)")
        }
    }

    @Test func oneWrongCharacterAndTwoThatChangedPlacesAreFound() throws {
        let text = Array(Self.ark.description)
        let start = "ark:/99999/".count
        for index in start..<text.count {
            for other in NOIDCheck.alphabet where other != text[index] {
                var wrong = text
                wrong[index] = other
                #expect(throws: RucheError.self, "\(String(wrong))") { try ARK(parsing: String(wrong)) }
            }
            guard index > start, text[index] != text[index - 1] else { continue }
            var swapped = text
            swapped.swapAt(index, index - 1)
            #expect(throws: RucheError.self, "\(String(swapped))") { try ARK(parsing: String(swapped)) }
        }
    }

    @Test(arguments: [
        "", "ark:", "ark:/", "ark:/99999", "ark:/99999/", "ark:/1/xyz0", "ark:/99999/a/b", "ark:/99999/../..",
        "doi:10.1/2",
        "ark:/99999/%2e%2e", "ark:/99999/r1\0", "lab/x", "ark:/9999\u{0}9/r1bcdf",
    ])
    func whatIsNoneIsRefused(_ text: String) {
        #expect(throws: RucheError.self) { try ARK(parsing: text) }
    }
}
