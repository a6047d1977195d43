import RucheClient
import RucheCore
import SystemPackage
import Testing

@Suite struct ServerAddressTests {
    @Test(arguments: [
        ("http://127.0.0.1:8000", ServerAddress.url("http://127.0.0.1:8000")),
        ("https://ruche.example/", .url("https://ruche.example")),
        ("http://[::1]:80", .url("http://[::1]:80")),
        ("unix:/run/x.sock", .unix("/run/x.sock")), ("/run/x.sock", .unix("/run/x.sock")),
    ])
    func readsAddresses(_ text: String, _ address: ServerAddress) throws {
        #expect(try ServerAddress(parsing: text) == address)
    }

    @Test(arguments: [
        "", "localhost:80", "ftp://x", "http://", "http://x/path", "http://user@x", "http://x?y", "unix:x",
    ])
    func refusesWhatIsNoServer(_ text: String) {
        #expect(throws: RucheError.self) { try ServerAddress(parsing: text) }
    }

    @Test func encodesComponents() {
        #expect(PercentEncoding.encode("a/b c%é~") == "a%2Fb%20c%25%C3%A9~")
        #expect(PercentEncoding.encodePath("a/b c") == "a/b%20c")
        #expect(PercentEncoding.query([("a", "1&2"), ("b", nil), ("c", "")]) == "?a=1%262&c=")
        #expect(PercentEncoding.query([("b", nil)]).isEmpty)
    }
}
