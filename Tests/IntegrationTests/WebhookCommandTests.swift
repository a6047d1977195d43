import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// `ruche webhook …` with a receiver that is another program.
@Suite struct WebhookCommandTests {
    /// Answers with the status in the file `status`; adds each message, and whether its signature is right, to `got`.
    private static let receiver = """
        import base64, hashlib, hmac, http.server, json, os, sys
        folder = sys.argv[1]
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                secret = open(folder + "/secret").read().strip() if os.path.exists(folder + "/secret") else "whsec_"
                key = base64.b64decode(secret.removeprefix("whsec_"))
                text = f'{self.headers["webhook-id"]}.{self.headers["webhook-timestamp"]}.'.encode() + body
                sign = "v1," + base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
                right = sign in self.headers["webhook-signature"].split()
                with open(folder + "/got", "a") as got:
                    got.write(json.dumps({"type": json.loads(body)["type"], "right": right}) + "\\n")
                self.send_response(int(open(folder + "/status").read()))
                self.send_header("Content-Length", "0")
                self.end_headers()
            def log_message(self, *arguments): pass
        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        with open(folder + "/port.tmp", "w") as port: port.write(str(server.server_port))
        os.rename(folder + "/port.tmp", folder + "/port")
        server.serve_forever()
        """

    private struct Message: Decodable {
        var type: String
        var right: Bool
    }

    private func messages(_ fixture: RucheFixture) throws -> [Message] {
        let path = fixture.folder.appending("got")
        guard FileTree.exists(path) else { return [] }
        return try String(decoding: AtomicFile.read(path), as: UTF8.self).split(separator: "\n")
            .map { try JSONDecoder().decode(Message.self, from: Data($0.utf8)) }
    }

    private func with(_ body: (RucheFixture, String) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("status", "200")
            try fixture.write(".config/ruche/config.yaml", "webhook_allow_private: true\n")
            let started = try await fixture.tool(
                "sh", "-c", "python3 -c \"$1\" \"$2\" >/dev/null 2>&1 & echo $!", "sh", Self.receiver,
                fixture.folder.string)
            let pid = try #require(Int32(started.filter(\.isNumber)))
            defer { kill(pid, SIGKILL) }
            let port = fixture.folder.appending("port")
            try await eventually(within: .seconds(60), "the receiver listens") { FileTree.exists(port) }
            let number = String(decoding: try AtomicFile.read(port), as: UTF8.self)
            try await body(fixture, "http://localhost:\(number)/hook")
        }
    }

    @Test func aWebhookIsAddedTriedGivenUpEnabledAndRemoved() async throws {
        try await with { fixture, url in
            try await ServedProcess.with(fixture) { _ in
                let id = try await add(fixture, url)
                try fixture.write("status", "500")
                let failed = try await fixture.ruche("webhook", "test", id, code: 10)
                #expect(failed.errorTail.contains("500"), "\(failed.errorTail)")
                // 410 is how a receiver says that it wants no more.
                try fixture.write("status", "410")
                try await fixture.ruche("owner", "add", "lab2")
                try await eventually(within: .seconds(60), "it is given up") {
                    try await fixture.ruche("webhook", "show", id).output.contains("given up")
                }
                let count = try messages(fixture).count
                try await fixture.ruche("owner", "add", "lab3")
                try fixture.write("status", "204")
                try await Task.sleep(for: .milliseconds(300))
                #expect(try messages(fixture).count == count, "nothing goes to one that was given up")
                try await fixture.ruche("webhook", "enable", id)
                try await eventually(within: .seconds(60), "it goes on where it was") {
                    try messages(fixture).filter { $0.type == "owner.created" }.count >= 4
                }
                try await fixture.ruche("webhook", "remove", id)
                #expect(try await fixture.ruche("webhook", "list", "--quiet").output == "")
                try await fixture.ruche("webhook", "test", id, code: 3)
            }
        }
    }

    /// Adds it and sees that it is told, signed with the secret that was shown once. Returns its identifier.
    private func add(_ fixture: RucheFixture, _ url: String) async throws -> String {
        let added = try await fixture.ruche("webhook", "add", url, "--kind", "owner.*", "--json")
        let webhook = try JSONText.whole(WebhookDocument.self, added.output)
        let (id, secret) = (webhook.id.description, try #require(webhook.secret))
        try fixture.write("secret", secret)
        #expect(try await fixture.ruche("webhook", "list", "--quiet").output == "\(id)\n")
        let shown = try await fixture.ruche("webhook", "show", id).output
        #expect(shown.contains(url) && !shown.contains(secret), "\(shown)")
        #expect(try await fixture.ruche("webhook", "test", id).output.contains("200"))
        try await fixture.ruche("owner", "add", "lab")
        try await eventually(within: .seconds(60), "it is told") { try messages(fixture).count == 2 }
        let got = try messages(fixture)
        #expect(got.map(\.type) == ["webhook.test", "owner.created"] && got.allSatisfy(\.right))
        return id
    }

    @Test func badAddressesAndKindsAreRefusedBeforeAnythingIsKept() async throws {
        try await with { fixture, url in
            try await fixture.ruche("webhook", "add", "ftp://example.org/", code: 2)
            try await fixture.ruche("webhook", "add", url, "--kind", "No Kind", code: 2)
            try await fixture.ruche("webhook", "add", url, "--owner", "Not An Owner", code: 2)
            #expect(try await fixture.ruche("webhook", "list", "--quiet").output == "")
        }
    }
}
