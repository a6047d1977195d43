import RucheCore
import RucheHost
import SystemPackage
import Testing

/// What clients newer than Debian's send (the gem vagrant_cloud 3.1 and later): the tree of version 2, bodies in an
/// envelope, providers by architecture.
@Suite struct VagrantRecordedTests {
    private struct Exchange {
        var method: String
        var path: String
        var body: String?
        var status: String
        /// Texts the answer has to hold.
        var holds: [String]
    }

    private static let box = "/api/v2/box/local/new"
    private static let version = "\(box)/version/1.0.0"

    private static let before: [Exchange] = [
        .init(method: "GET", path: "/api/v2/authenticate", status: "200", holds: [#""username":"#]),
        .init(method: "GET", path: "/api/v2/user/local", status: "200", holds: [#""username":"local""#]),
        .init(
            method: "POST", path: "/api/v2/boxes",
            body: #"{"box":{"username":"local","name":"new","short_description":"short","is_private":false}}"#,
            status: "200", holds: [#""tag":"local/new""#, #""short_description":"short""#, #""created_at":"#]),
        .init(method: "GET", path: box, status: "200", holds: [#""versions":[]"#]),
        .init(
            method: "PUT", path: box, body: #"{"box":{"description":"*long*"}}"#, status: "200",
            holds: [#""description_markdown":"*long*""#]),
        .init(
            method: "POST", path: "\(box)/versions", body: #"{"version":{"version":"1.0.0","description":"first"}}"#,
            status: "200", holds: [#""status":"unreleased""#]),
        .init(
            method: "POST", path: "\(version)/providers",
            body: #"{"provider":{"name":"libvirt","architecture":"arm64","default_architecture":true}}"#,
            status: "200", holds: [#""architecture":"arm64""#, #""default_architecture":true"#]),
        .init(
            method: "POST", path: "\(version)/providers",
            body: #"{"provider":{"name":"libvirt","architecture":"amd64","default_architecture":false}}"#,
            status: "200", holds: [#""architecture":"amd64""#, #""default_architecture":false"#]),
        .init(
            method: "PUT", path: "\(version)/provider/libvirt/amd64",
            body: #"{"provider":{"name":"libvirt","architecture":"i386"}}"#, status: "200",
            holds: [#""architecture":"i386""#]),
        .init(method: "GET", path: "\(version)/provider/libvirt/amd64", status: "404", holds: [#""errors":"#]),
        .init(
            method: "PUT", path: "\(version)/provider/libvirt/i386",
            body: #"{"provider":{"architecture":"quantum"}}"#, status: "400", holds: ["quantum", "arm64"]),
    ]

    private static let after: [Exchange] = [
        .init(method: "PUT", path: "\(version)/release", status: "200", holds: [#""status":"active""#]),
        .init(
            method: "GET", path: "/api/v2/search?q=new&architecture=arm64&provider=libvirt&sort=created&order=desc",
            status: "200", holds: [#""tag":"local/new""#]),
        .init(
            method: "GET", path: "/api/v2/search?q=new&architecture=riscv64", status: "200",
            holds: [#"{"boxes":[]}"#]),
        .init(
            method: "GET", path: "/local/new", status: "200",
            holds: [#""architecture":"arm64""#, #""architecture":"i386""#, #""default_architecture":true"#]),
        .init(
            method: "GET", path: "/api/v2/vagrant/local/new", status: "200",
            holds: [#""name":"local/new""#, #""architecture":"arm64""#]),
        .init(method: "DELETE", path: "\(version)/provider/libvirt/i386", status: "409", holds: ["never changes"]),
        .init(method: "PUT", path: "\(version)/revoke", status: "200", holds: [#""status":"revoked""#]),
    ]

    @Test func newerClientsPublishByArchitecture() async throws {
        try await NetworkSite.with { site in
            func play(_ exchanges: [Exchange]) async throws {
                for exchange in exchanges {
                    let (status, text) = try await Self.send(exchange, site)
                    let what = "\(exchange.method) \(exchange.path): \(status) \(text)"
                    #expect(status == exchange.status, "\(what)")
                    for part in exchange.holds { #expect(text.contains(part), "\(part) in \(what)") }
                }
            }
            try await play(Self.before)
            for (architecture, direct) in [("arm64", true), ("i386", false)] {
                try await Self.upload(site, architecture, direct: direct)
            }
            try await play(Self.after)
        }
    }

    private static func send(_ exchange: Exchange, _ site: NetworkSite) async throws -> (status: String, text: String) {
        var arguments = [
            "-sS", "-X", exchange.method, "-H", "Authorization: Bearer \(site.token)", "-H",
            "Accept: application/json", "-H", "Content-Type: application/json", "-w", "\n%{http_code}",
        ]
        if let body = exchange.body { arguments += ["-d", body] }
        let answer = try await site.fixture.runner.runChecked(
            Command("curl", arguments + [site.address + exchange.path])
        ).output
        let lines = answer.split(separator: "\n")
        return (String(lines.last ?? ""), lines.dropLast().joined(separator: "\n").replacing("\\/", with: "/"))
    }

    private static func upload(_ site: NetworkSite, _ architecture: String, direct: Bool) async throws {
        let file = site.fixture.folder.appending("\(architecture).box").string
        try site.fixture.write("\(architecture)/metadata.json", #"{"provider":"libvirt"}"#)
        try site.fixture.write("\(architecture)/box.img", architecture)
        try await site.fixture.tool(
            "tar", "-C", site.fixture.folder.appending(architecture).string, "-czf", file, "metadata.json", "box.img")
        struct Place: Decodable {
            var upload_path: String
            var callback: String?
        }
        let path = "\(version)/provider/libvirt/\(architecture)/upload\(direct ? "/direct" : "")"
        let answer = try await send(Exchange(method: "GET", path: path, status: "200", holds: []), site)
        let place = try JSONText.whole(Place.self, answer.text)
        try await site.fixture.tool("curl", "-sSf", "-T", file, place.upload_path)
        #expect((place.callback != nil) == direct)
        guard let callback = place.callback else { return }
        let called = String(callback.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" })
        #expect(called.hasPrefix("/api/v2/"))
        let end = try await send(Exchange(method: "PUT", path: called, status: "200", holds: []), site)
        #expect(end.status.hasPrefix("2"), "\(end)")
    }
}
