import Testing

@testable import RucheEngines

@Suite struct DockerFramesTests {
    private func frame(_ stream: UInt8, _ text: String) -> [UInt8] {
        [stream, 0, 0, 0, 0, 0, 0, UInt8(text.utf8.count)] + Array(text.utf8)
    }

    @Test func aFrameInPiecesIsOneRecord() {
        var frames = DockerFrames()
        let bytes = frame(1, "out\n") + frame(2, "err\n")
        var records: [DockerFrames.Record] = []
        for byte in bytes { records += frames.feed([byte]) }
        #expect(records.map(\.isError) == [false, true])
        #expect(records.map { String(decoding: $0.payload, as: UTF8.self) } == ["out\n", "err\n"])
    }

    @Test func whatTheDaemonSaysIsNoLineOfTheContainer() {
        var frames = DockerFrames()
        let records = frames.feed(frame(1, "out\n") + frame(3, "Error grabbing logs: unexpected EOF"))
        #expect(records.map { String(decoding: $0.payload, as: UTF8.self) } == ["out\n"])
    }
}
