import NIOCore
import RucheCore
import RucheServer
import RucheService
import RucheWire
import Support
import Testing

/// Sessions and credentials as they come over a real connection.
@Suite struct SessionHTTPTests {
    private static let password = "correct horse 7"

    private struct Answer {
        var status: Int
        var head: String
        var body: String

        func header(_ name: String) -> String? {
            head.split(separator: "\r\n").first { $0.lowercased().hasPrefix(name.lowercased() + ":") }
                .map { String($0.dropFirst(name.count + 2)) }
        }
    }

    private struct Site: Sendable {
        let accounts: AccountService
        let port: Int

        /// Sends one request and reads to the end of the connection.
        func ask(_ line: String, _ headers: [[UInt8]] = [], body: String? = nil) async throws -> Answer {
            let client = try RawConnection(port: port)
            defer { client.close() }
            var bytes = Array("\(line) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n".utf8)
            for header in headers { bytes += header + Array("\r\n".utf8) }
            if let body {
                bytes += Array("Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n".utf8)
            }
            try client.send(bytes + Array("\r\n\(body ?? "")".utf8))
            let text = try await client.read()
            let end = text.firstRange(of: "\r\n\r\n")
            let head = end.map { String(text[..<$0.lowerBound]) } ?? text
            let status = head.split(separator: " ").dropFirst().first.flatMap { Int($0) }
            return Answer(
                status: try #require(status, "\(text.prefix(200))"), head: head,
                body: end.map { String(text[$0.upperBound...]) } ?? "")
        }

        func ask(_ line: String, _ headers: [String], body: String? = nil) async throws -> Answer {
            try await ask(line, headers.map { Array($0.utf8) }, body: body)
        }

        /// The value of the cookie and the token against forged requests.
        func logIn(_ headers: [String] = []) async throws -> (answer: Answer, cookie: String, csrf: String) {
            let answer = try await ask(
                "POST /api/v1/session", headers, body: #"{"user": "ada", "password": "\#(SessionHTTPTests.password)"}"#)
            #expect(answer.status == 201)
            let cookie = try #require(answer.header("Set-Cookie"))
            let csrf = try #require(try JSONCoding.decode(MeDocument.self, from: .init(string: answer.body)).csrf)
            return (answer, String(cookie.prefix { $0 != ";" }), csrf)
        }
    }

    private func with(_ body: @escaping @Sendable (Site) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            let ada = try #require(OwnerName("ada"))
            _ = try await fixture.accounts.addUser(ada, siteRole: .admin, password: Self.password)
            try await ServedRoutes.with(fixture.routes + fixture.accountRoutes) {
                $0.accounts = fixture.accounts
                $0.owned = [.jobs(fixture.jobs)]
            } _: { addresses in
                try await body(Site(accounts: fixture.accounts, port: try #require(addresses.network?.port)))
            }
        }
    }

    @Test func theCookieIsForThisSiteAloneAndNotForScripts() async throws {
        try await with { site in
            let plain = try #require(try await site.logIn().answer.header("Set-Cookie"))
            #expect(plain.hasPrefix("ruche-session=") && plain.hasSuffix("; Path=/; HttpOnly; SameSite=Strict"))
            let (answer, cookie, csrf) = try await site.logIn(["X-Forwarded-Proto: https"])
            let secure = try #require(answer.header("Set-Cookie"))
            #expect(secure.hasPrefix("__Host-ruche-session=") && secure.hasSuffix("; Secure"))
            #expect(secure.contains("HttpOnly; SameSite=Strict") && !secure.contains("Domain"))
            #expect(answer.header("Cache-Control") == "no-store" && !answer.head.contains(csrf))
            #expect(try await site.ask("GET /api/v1/me", ["Cookie: \(cookie)"]).status == 200)
        }
    }

    @Test func writesWithACookieNeedItsTokenAndTheSameOrigin() async throws {
        try await with { site in
            let (_, cookie, csrf) = try await site.logIn()
            let other = try await site.logIn().csrf
            let line = "POST /api/v1/owners"
            func write(_ name: String, _ headers: String...) async throws -> Int {
                let answer = try await site.ask(line, ["Cookie: \(cookie)"] + headers, body: #"{"name": "\#(name)"}"#)
                if answer.status == 403 { #expect(answer.header("Content-Type") == "application/problem+json") }
                return answer.status
            }
            #expect(try await write("a") == 403, "without")
            #expect(try await write("a", "X-CSRF-Token:") == 403, "empty")
            #expect(try await write("a", "X-CSRF-Token: \(other)") == 403, "of another session")
            #expect(try await write("a", "X-CSRF-Token: \(csrf)", "Origin: https://evil.example") == 403)
            #expect(try await write("a", "X-CSRF-Token: \(csrf)", "Sec-Fetch-Site: cross-site") == 403)
            #expect(try await write("a", "X-CSRF-Token: \(csrf)", "Origin: null") == 403)
            #expect(try await site.ask("GET /api/v1/owners/a", ["Cookie: \(cookie)"]).status == 404, "none was made")
            #expect(try await write("a", "X-CSRF-Token: \(csrf)", "Origin: http://localhost") == 201)
            #expect(try await site.ask("DELETE /api/v1/session", ["Cookie: \(cookie)"]).status == 403)
            let out = try await site.ask("DELETE /api/v1/session", ["Cookie: \(cookie)", "X-CSRF-Token: \(csrf)"])
            #expect(out.status == 204 && out.header("Set-Cookie")?.contains("Max-Age=0") == true)
            #expect(try await site.ask("GET /api/v1/me", ["Cookie: \(cookie)"]).status == 401)
        }
    }

    private static let long = String(repeating: "a", count: 15_000)

    /// What comes as a credential; each is refused by a problem document.
    private static let texts: [String] = [
        "Authorization:", "Authorization: Bearer", "Authorization: Bearer ", "Authorization: Basic YTpi",
        "Authorization: bearer\tx", "Authorization: Bearer a b c", "Authorization: Bearer ruche_",
        "Authorization: Bearer ruche_\(long)", "Authorization: \(long)", "Authorization: Bearer ruche_%00%ff",
        "Authorization: Bearer \u{fffd}\u{202e}🐝", "Authorization: Digest username=\"ada\"",
        "Cookie: ruche-session", "Cookie: ruche-session=", "Cookie: ruche-session=\(long)", "Cookie: ;;;===;",
        "Cookie: ruche-session=%00; __Host-ruche-session=é", "Cookie: __Host-ruche-session=' OR 1=1 --",
        "Cookie: " + String(repeating: "ruche-session=x;", count: 900),
    ]

    /// The same and what is no text at all, byte for byte.
    private static var malformed: [[UInt8]] {
        var all = texts.map { Array($0.utf8) }
        all.append(Array("Authorization: Bearer ".utf8) + ([0xff, 0xfe, 0x80, 0xc0] as [UInt8]))
        all.append(Array("Cookie: ruche-session=".utf8) + ([0xc3, 0x28] as [UInt8]))
        return all
    }

    @Test func malformedCredentialsAreRefusedInGoodOrder() async throws {
        try await with { site in
            for header in Self.malformed {
                let text = String(decoding: header.prefix(60), as: UTF8.self)
                for line in ["GET /api/v1/me", "GET /api/v1/jobs", "DELETE /api/v1/users/ada"] {
                    let answer = try await site.ask(line, [header])
                    #expect([400, 401].contains(answer.status), "\(text): \(answer.status)")
                    #expect(answer.header("Content-Type") == "application/problem+json", "\(text)")
                    #expect(!answer.body.contains("aaaaaaaa"), "nothing of it is sent back")
                }
            }
            #expect(try await site.accounts.user(try #require(OwnerName("ada"))).siteRole == .admin)
        }
    }

    /// These never get to a route: the connection's parser refuses them.
    @Test func headersThatNoServerTakesAreRefusedToo() async throws {
        try await with { site async throws in
            let huge = Array("Authorization: Bearer \(String(repeating: "a", count: 200_000))".utf8)
            let null = Array("Authorization: Bearer a\0b".utf8)
            let many = (0..<200).map { Array("X-Header-\($0): \(String(repeating: "b", count: 1000))".utf8) }
            for headers in [[huge], [null], many] {
                // The peer may be gone before it has read all of it.
                guard let answer = try? await site.ask("GET /api/v1/me", headers) else { continue }
                #expect((400..<500).contains(answer.status), "\(answer.status)")
            }
            #expect(try await site.ask("GET /api/v1/me").status == 401, "it is still there")
        }
    }

    @Test func badBodiesOfLoginAndSetupAreBadRequests() async throws {
        try await with { site in
            let bodies = [
                "", "{", "[]", "null", #"{"user": 1, "password": []}"#, #"{"user": "ada"}"#,
                #"{"user": "\u0000", "password": "\ud800"}"#,
                #"{"user": "\#(String(repeating: "u", count: 30_000))", "password": "x"}"#,
            ]
            for path in ["/api/v1/session", "/api/v1/setup"] {
                for body in bodies {
                    let answer = try await site.ask("POST \(path)", [String](), body: body)
                    #expect([400, 401, 413].contains(answer.status), "\(path) \(body.prefix(40)): \(answer.status)")
                    #expect(answer.header("Content-Type") == "application/problem+json")
                }
            }
            let long = #"{"user": "ada", "password": "\#(String(repeating: "p", count: 8000))"}"#
            #expect(try await site.ask("POST /api/v1/session", [String](), body: long).status == 401)
        }
    }

    @Test func setupOverHTTPIsNotFoundOnceThereIsAnAdministrator() async throws {
        try await with { site async throws in
            let body = #"{"code": "0123", "name": "eve", "password": "correct horse 7"}"#
            #expect(try await site.ask("POST /api/v1/setup", [String](), body: body).status == 404)
        }
    }
}
