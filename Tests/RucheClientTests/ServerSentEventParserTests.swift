import RucheClient
import Testing

@Suite struct ServerSentEventParserTests {
    @Test(arguments: [
        "id: 7\ndata: a\n\n", "id:7\r\ndata:a\r\n\r\n", "id: 7\rdata: a\r\r", "\u{FEFF}id: 7\ndata: a\n\n",
        ": comment\nid: 7\ndata: a\nfuture: x\n\n",
    ])
    func readsOneMessageWithEveryLineEnd(_ text: String) {
        var parser = ServerSentEventParser()
        let messages = parser.append(text.utf8)
        #expect(messages.map(\.id) == ["7"])
        #expect(messages.map(\.data) == ["a"])
        #expect(messages.map(\.event) == ["message"])
    }

    @Test func readsTheSameWhateverThePieces() {
        let text = "id: 1\nevent: x\ndata: één\ndata: zwei\n\nid: 2\r\ndata\r\n\r\n: beat\n\ndata: last without end"
        var whole = ServerSentEventParser()
        let expected = whole.append(text.utf8)
        var parser = ServerSentEventParser()
        var messages: [ServerSentEventParser.Message] = []
        for byte in text.utf8 { messages += parser.append([byte]) }
        #expect(messages == expected)
        #expect(messages.map(\.data) == ["één\nzwei", ""])
        #expect(messages.map(\.id) == ["1", "2"])
    }

    @Test func keepsTheLastIdentifierAndIgnoresOneWithNul() {
        var parser = ServerSentEventParser()
        let messages = parser.append("id: 5\ndata: a\n\ndata: b\n\nid: 6\u{0}\ndata: c\n\n".utf8)
        #expect(messages.map(\.id) == ["5", "5", "5"])
    }

    @Test func dispatchesNothingWithoutData() {
        var parser = ServerSentEventParser()
        #expect(parser.append("id: 9\nevent: x\n\nretry: 250\n\nretry: soon\n\n".utf8).isEmpty)
        #expect(parser.lastID == "9")
        #expect(parser.retry == 250)
    }

    @Test func survivesBytesThatAreNoText() {
        var parser = ServerSentEventParser()
        let messages = parser.append([0x64, 0x61, 0x74, 0x61, 0x3A, 0xFF, 0xFE, 0x0A, 0x0A])
        #expect(messages.map(\.data) == ["\u{FFFD}\u{FFFD}"])
    }
}
