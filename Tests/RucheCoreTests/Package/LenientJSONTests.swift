import RucheCore
import Testing

@Suite struct LenientJSONTests {
    @Test(arguments: [
        (#"{"a": True, "b": False, "c": None}"#, #"{"a": true, "b": false, "c": null}"#, 3),
        (#"{"a": "True, None,}", "b": 1}"#, #"{"a": "True, None,}", "b": 1}"#, 0),
        (#"{"a": [1, 2,], }"#, #"{"a": [1, 2 ]  }"#, 2),
        ("{\"a\": [\"x\"]\n \"b\": {} \"c\": 3}", "{\"a\": [\"x\"],\n \"b\": {},\"c\": 3}", 2),
        (#"[1 2 "x" {}]"#, #"[1,2,"x",{}]"#, 3),
        (#"{"a\"}": "\\", "b": "é"}"#, #"{"a\"}": "\\", "b": "é"}"#, 0), ("", "", 0), ("{", "{", 0),
        (#"{"a": 1,,}"#, #"{"a": 1, ,}"#, -1),
    ])
    func repairs(text: String, expected: String, count: Int) {
        let (repaired, findings) = LenientJSON.repair(text, file: "f")
        guard count >= 0 else { return }
        #expect(repaired == expected)
        #expect(findings.count == count)
        #expect(findings.allSatisfy { $0.severity == .warning && $0.problem.line != nil })
    }

    @Test func saysWhereEachRepairIs() {
        let (_, findings) = LenientJSON.repair("{\n  \"a\": True,\n  \"b\": 1\n  \"c\": 2,\n}", file: "m.json")
        let places = findings.map { "\($0.problem.line ?? 0):\($0.problem.column ?? 0)" }
        #expect(places == ["2:8", "4:3", "4:9"])
    }

    @Test func anyTextComesToAnEnd() {
        let signs = Array("{}[],:\"\\ \nTrue1")
        var state: UInt64 = 42
        for _ in 0..<2000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text.append(signs[Int(state >> 33) % signs.count])
            }
            // A repair never takes a line away: places would be wrong.
            let lines = text.count { $0 == "\n" }
            #expect(LenientJSON.repair(text, file: "f").text.count { $0 == "\n" } == lines)
        }
    }
}
