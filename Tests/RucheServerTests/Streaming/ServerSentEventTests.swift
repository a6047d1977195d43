import RucheServer
import Testing

@Suite struct ServerSentEventTests {
    @Test func breaksOfLinesBecomeLinesOfTheirOwn() {
        #expect(ServerSentEvent(data: "a\nb\r\nc\rd").text == "data: a\ndata: b\ndata: c\ndata: d\n\n")
    }

    /// To a reader of the stream they are letters like others: a line more would be one in the middle of the data.
    @Test(arguments: ["\u{2028}", "\u{2029}", "\u{85}", "\u{0B}", "\u{0C}"])
    func otherSeparatorsStayWhereTheyAre(separator: String) {
        #expect(ServerSentEvent(id: "1", data: "a\(separator)b").text == "id: 1\ndata: a\(separator)b\n\n")
    }
}
