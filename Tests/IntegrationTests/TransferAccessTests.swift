import RucheCore
import RucheHost
import SystemPackage
import Testing

/// What a site takes from others, and from whom.
@Suite struct TransferAccessTests {
    private struct Answer: Decodable { var token: String }
    private struct Blobs: Decodable { var digests: [String] }
    private struct Box: Decodable {
        struct Blob: Decodable {
            var digest: String
            var size: Int
        }
        var blobs: [Blob]
    }

    /// The body of an answer with its status on a line of its own.
    private func ask(
        _ site: NetworkSite, _ token: String, _ method: String, _ path: String, _ body: String = ""
    ) async throws -> (status: String, body: String) {
        let text = try await site.fixture.tool(
            "curl", "-sS", "-X", method, "-H", "Authorization: Bearer \(token)", "-w", "\n%{http_code}",
            "--data-binary",
            body, "\(site.address)/api/v1\(path)")
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        return (lines.last ?? "", lines.dropLast().joined(separator: "\n"))
    }

    private static func with(_ body: (NetworkSite, _ ada: String) async throws -> Void) async throws {
        try await NetworkSite.with { site in
            let password = try site.fixture.write("password", "correct-horse-9\n")
            try await site.fixture.tool(
                "sh", "-c",
                "RUCHE_DATA=\(site.fixture.data) \(RucheFixture.program) user add ada --password-stdin <\(password)")
            let login = #"{"user":{"login":"ada","password":"correct-horse-9"},"token":{"description":"t"}}"#
            let answer = try await site.fixture.tool(
                "curl", "-sS", "-H", "Content-Type: application/json", "-d", login,
                "\(site.address)/api/v1/authenticate")
            try await body(site, try JSONText.whole(Answer.self, answer).token)
        }
    }

    @Test func aBlobOfSomebodyElseIsNotToBeHadByItsDigest() async throws {
        try await Self.with { site, ada in
            let box = try await site.fixture.box("secret")
            try await site.fixture.ruche("import", "box", box, "--as", "lab/secret:1.0.0")
            let offer = try await ask(site, site.token, "GET", "/releases/lab/secret/1.0.0/transfer")
            #expect(try await ask(site, ada, "GET", "/releases/lab/secret/1.0.0/transfer").status == "404")
            let digest = try #require(
                JSONText.whole(Box.self, offer.body).blobs.max { $0.size < $1.size }?.digest)
            let question = "{\"digests\":[\"\(digest)\"]}"
            let hers = try await ask(site, ada, "POST", "/transfers/ada/x/missing", question)
            #expect(try JSONText.whole(Blobs.self, hers.body).digests == [digest])
            // Nor may she publish what names it, or put anything where she has no right to.
            let release = offer.body.replacing("lab/secret", with: "ada/x")
            let published = try await ask(site, ada, "PUT", "/releases/ada/x/1.0.0/transfer", release)
            #expect(published.status == "404", "\(published)")
            #expect(try await ask(site, ada, "POST", "/transfers/lab/secret/missing", question).status == "404")
            #expect(
                try await ask(site, ada, "PATCH", "/transfers/lab/x/blobs/\(digest)?offset=0&size=1", "a").status
                    == "404")
            // Who may see it may have it elsewhere as well.
            let admins = try await ask(site, site.token, "POST", "/transfers/ada/x/missing", question)
            #expect(try JSONText.whole(Blobs.self, admins.body).digests == [])
        }
    }

    @Test func bytesThatAreNotTheBlobAreNotKept() async throws {
        try await Self.with { site, ada in
            let digest = "sha256:" + String(repeating: "0", count: 64)
            let path = "/transfers/ada/x/blobs/\(digest)"
            let wrong = try await ask(site, ada, "PATCH", "\(path)?offset=0&size=3", "abc")
            #expect(wrong.status == "460", "\(wrong)")
            let long = try await ask(site, ada, "PATCH", "\(path)?offset=0&size=2", "abc")
            #expect(long.status == "460", "\(long)")
            // In pieces, and not at another place than the next one.
            #expect(try await ask(site, ada, "PATCH", "\(path)?offset=0&size=9", "abc").body.contains("\"offset\":3"))
            #expect(try await ask(site, ada, "PATCH", "\(path)?offset=1&size=9", "abc").status == "409")
            #expect(try await ask(site, ada, "GET", path).body.contains("\"offset\":3"))
            for bad in ["offset=-1&size=3", "offset=x&size=3", "offset=0", "size=3"] {
                #expect(try await ask(site, ada, "PATCH", "\(path)?\(bad)", "abc").status == "400", "\(bad)")
            }
            #expect(
                try await ask(site, ada, "PATCH", "/transfers/ada/x/blobs/md5:1?offset=0&size=1", "a").status == "400")
            #expect(try await ask(site, ada, "PUT", "/releases/ada/x/1.0.0/transfer", "{}").status == "400")
            #expect(try await site.fixture.ruche("image", "list", "--quiet").output == "")
        }
    }
}
