import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RucheCore
import RucheHost
import RucheImages
import RucheServer
import RucheWire
import SystemPackage
import Testing

@Suite struct ReleaseRoutesTests {
    @Test(arguments: [
        ("GET", "/api/v1/releases?cursor=nonsense", 400), ("GET", "/api/v1/releases?limit=0", 400),
        ("GET", "/api/v1/releases?limit=many", 400), ("GET", "/api/v1/releases?name=Upper/Case", 400),
        ("GET", "/api/v1/releases/lab/none", 404), ("GET", "/api/v1/releases/lab/none/1.0", 404),
        ("GET", "/api/v1/releases/LAB/none", 400), ("GET", "/api/v1/releases/api/none", 400),
        ("GET", "/api/v1/releases/lab/x/..%2F..", 400), ("GET", "/api/v1/releases/lab/x/9.9/history", 404),
        ("GET", "/api/v1/releases/lab/x/1.0/history?architecture=arm64", 404),
        ("GET", "/api/v1/releases/lab/x/1.0/artifacts/nonsense", 404),
        ("GET", "/api/v1/releases/lab/x/1.0/export", 400), ("GET", "/api/v1/releases/lab/x/1.0/export?format=iso", 400),
        ("GET", "/api/v1/diff", 400), ("GET", "/api/v1/diff?from=lab/x:1.0", 400),
        ("GET", "/api/v1/diff?from=lab/x:1.0&to=bad", 400), ("GET", "/api/v1/diff?from=lab/x:1.0&to=lab/x:7", 404),
        ("DELETE", "/api/v1/releases/lab/none/1.0", 404), ("DELETE", "/api/v1/releases/lab/x/tags/none", 404),
        ("PUT", "/api/v1/releases/lab/x/tags/stable", 400), ("POST", "/api/v1/releases/import", 400),
        ("POST", "/api/v1/releases/import?name=lab/y&version=latest", 400),
        ("POST", "/api/v1/releases/import?name=lab/y&version=1&format=iso", 400), ("PATCH", "/api/v1/releases", 405),
        ("POST", "/api/v1/releases/lab/x/1.0/check", 400),
        ("POST", "/api/v1/releases/lab/x/1.0/check?target=mars", 400),
        ("POST", "/api/v1/releases/lab/x/1.0/check?target=lxd&flavour_disk=much", 400),
        ("POST", "/api/v1/releases/lab/none/1.0/check?target=lxd", 404),
        ("POST", "/api/v1/maintenance/verify?dry_run", 400), ("POST", "/api/v1/maintenance/gc?dry_run=maybe", 400),
        ("POST", "/api/v1/builds?no_cache=maybe", 400), ("POST", "/api/v1/builds?recipe=../x", 400),
        ("POST", "/api/v1/builds", 404), ("GET", "/api/v1/builds", 405),
    ])
    func badInputIsAProblem(method: String, uri: String, status: Int) async throws {
        let fixture = try APIFixture()
        try await fixture.publish("lab/x", "1.0")
        let verb = try #require(HTTPRequest.Method(method))
        let problem = try await fixture.harness.problem(verb, uri)
        #expect(problem.status == status, "\(problem.detail)")
        #expect(!problem.detail.hasSuffix(".") && !problem.detail.isEmpty)
        // Nothing half-made stays behind.
        let uploads = fixture.folder.appending("uploads")
        #expect(try !FileTree.exists(uploads) || FileTree.names(in: uploads).isEmpty)
    }

    @Test func aReleaseIsShownByVersionTagAndDigest() async throws {
        let fixture = try APIFixture()
        let release = try await fixture.publish("lab/x", "1.0")
        let tagged = try await fixture.harness.call(
            .put, "/api/v1/releases/lab/x/tags/stable", body: #"{"version":"1.0"}"#)
        #expect(tagged.status == .noContent)
        for place in ["", "/1.0", "/stable", "/latest", "/\(release.digest)"] {
            let response = try await fixture.harness.call(.get, "/api/v1/releases/lab/x\(place)")
            let document = try JSONCoding.decode(ReleaseDocument.self, from: response.body)
            #expect(document.summary.digest == release.digest, "\(place)")
            #expect(document.summary.tags == ["stable"] && document.variants.map(\.format) == ["oci"])
            #expect(document.artifacts.map(\.kind) == ["lock"])
        }
        let history = try await fixture.harness.call(.get, "/api/v1/releases/lab/x/latest/history")
        #expect(try JSONCoding.decode([HistoryDocument].self, from: history.body).map(\.createdBy) == ["apt bwa"])
    }

    @Test(arguments: ["1.2", "a b", ".hidden"])
    func aTagThatCouldBeAVersionIsRefused(tag: String) async throws {
        let fixture = try APIFixture()
        try await fixture.publish("lab/x", "1.0")
        let path = "/api/v1/releases/lab/x/tags/" + tag.replacing(" ", with: "%20")
        let problem = try await fixture.harness.problem(.put, path, body: #"{"version":"1.0"}"#)
        #expect(problem.status == 400)
    }

    @Test func artifactsAreServedInRanges() async throws {
        let fixture = try APIFixture()
        try await fixture.publish("lab/x", "1.0")
        let path = "/api/v1/releases/lab/x/1.0/artifacts/lock"
        let whole = try await fixture.harness.call(.get, path)
        #expect(String(buffer: whole.body) == "{\"schema\":1}" && whole.headers[.contentType] == "application/json")
        let tag = try #require(whole.headers[.eTag])
        let part = try await fixture.harness.call(.get, path, headers: [.range: "bytes=2-7"])
        #expect(part.status == .partialContent && String(buffer: part.body) == "schema")
        #expect(part.headers[.contentRange] == "bytes 2-7/12")
        #expect(try await fixture.harness.call(.get, path, headers: [.ifNoneMatch: tag]).status == .notModified)
        let beyond = try await fixture.harness.call(.get, path, headers: [.range: "bytes=12-"])
        #expect(beyond.status == .rangeNotSatisfiable && beyond.headers[.contentRange] == "bytes */12")
        let stale = try await fixture.harness.call(
            .get, path, headers: [.range: "bytes=2-7", .ifRange: "\"other\""])
        #expect(stale.status == .ok && stale.body.readableBytes == 12)
    }

    @Test func anExportLeavesNothingBehind() async throws {
        let fixture = try APIFixture()
        try await fixture.publish("lab/x", "1.0")
        let response = try await fixture.harness.call(.get, "/api/v1/releases/lab/x/1.0/export?format=oci-archive")
        #expect(String(buffer: response.body) == "lab/x")
        #expect(response.headers[.contentDisposition] == "attachment; filename=\"x-1.0.oci-archive.tar\"")
        #expect(try FileTree.names(in: fixture.folder.appending("uploads")).isEmpty)
    }

    @Test func aRemovedReleaseIsGone() async throws {
        let fixture = try APIFixture()
        try await fixture.publish("lab/x", "1.0")
        #expect(try await fixture.harness.call(.delete, "/api/v1/releases/lab/x/1.0").status == .noContent)
        #expect(try await fixture.harness.problem(.get, "/api/v1/releases/lab/x/1.0").status == 404)
    }

    @Test func longWorkIsAcceptedWithItsPlace() async throws {
        let fixture = try APIFixture()
        let response = try await fixture.harness.call(.post, "/api/v1/maintenance/gc?dry_run")
        let operation = try JSONCoding.decode(OperationDocument.self, from: response.body)
        #expect(response.status == .accepted)
        #expect(response.headers[.location] == "/api/v1/operations/\(operation.id)")
        #expect(operation.result?["dryRun"] == true)
    }
}
