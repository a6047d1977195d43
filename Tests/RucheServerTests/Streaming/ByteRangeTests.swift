import RucheServer
import Testing

@Suite struct ByteRangeTests {
    @Test(arguments: [
        ("bytes=0-9", ByteRange.Request.part(offset: 0, length: 10)), ("bytes=5-", .part(offset: 5, length: 95)),
        ("bytes=90-200", .part(offset: 90, length: 10)), ("bytes=-10", .part(offset: 90, length: 10)),
        ("bytes=-200", .part(offset: 0, length: 100)), ("bytes=99-99", .part(offset: 99, length: 1)),
        ("bytes=100-", .unsatisfiable), ("bytes=-0", .unsatisfiable), ("bytes=9-5", .whole), ("bytes=-", .whole),
        ("bytes=0-1,3-4", .whole), ("items=0-1", .whole), ("bytes=99999999999999999999-", .whole), ("", .whole),
    ])
    func readsOneRange(header: String, expected: ByteRange.Request) {
        #expect(ByteRange.parse(header, size: 100) == expected)
    }

    @Test func nothingOfAnEmptyFileCanBeHad() {
        #expect(ByteRange.parse("bytes=0-", size: 0) == .unsatisfiable)
        #expect(ByteRange.parse("bytes=-1", size: 0) == .unsatisfiable)
        #expect(ByteRange.parse(nil, size: 0) == .whole)
    }
}
