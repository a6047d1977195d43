import NIOCore
import RucheCore
import RucheServer
import Testing

@Suite struct NotificationPayloadTests {
    @Test(
        arguments: [
            (#"{"progress_value": 0.5, "progress_label": "half"}"#, 0.5, "half"),
            (#"  {"progress_value": "0.5"}  "#, 0.5, nil),
            ("%7B%22progress_value%22%3A0.5%7D", 0.5, nil),
            ("%7b%22progress_value%22:+0.5,+%22progress_label%22:+%22a+b%22%7d", 0.5, "a b"),
            ("progress_value=0.5&progress_label=half+way", 0.5, "half way"),
            ("progress_value=0.5&status=done&other=x", 0.5, nil),
            ("progress[min]=0&progress[max]=10&progress[value]=5&progress[label]=h", 0.5, "h"),
            ("progress%5Bvalue%5D=0.5", 0.5, nil), ("progress.value=5&progress.max=10", 0.5, nil),
            (#"{"progress":{"min":"0","max":"10","value":"5","label":"h"}}"#, 0.5, "h"),
            ("output[filename]=a.vcf\n", nil, nil),
        ] as [(String, Double?, String?)])
    func everyWayOfPostingIsRead(_ text: String, _ value: Double?, _ label: String?) throws {
        let payload = try NotificationPayload.parse(ByteBuffer(string: text))
        let progress = JobProgress(payload: payload)
        #expect(progress?.value == value && progress?.label == label)
    }

    @Test(arguments: ["", "progress=1", "x", "{", "%7Bnope", "a=b&c", "\u{0}", "progress_value", "%7", "&&&==="])
    func whatTellsNothingIsRefused(_ text: String) {
        let error = #expect(throws: RucheError.self) { try NotificationPayload.parse(ByteBuffer(string: text)) }
        #expect(error?.code == .invalidInput)
    }

    /// The state, the name, paths: whatever old servers would have stored.
    @Test func nothingButProgressIsTaken() throws {
        let text = "progress_value=0.5&state=succeeded&name=x&path=/etc&exit.code=0&inputs_ids=1"
        #expect(try NotificationPayload.parse(ByteBuffer(string: text)) == ["progress_value": "0.5"])
    }
}
