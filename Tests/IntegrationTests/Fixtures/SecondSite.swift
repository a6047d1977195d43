import Glibc
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// A second site, which another one sends to and fetches from.
struct SecondSite: Sendable {
    let fixture: RucheFixture
    let served: ServedProcess
    let address: String
    var tokenFile: String { fixture.data.appending("token").string }

    static func with(_ body: (SecondSite) async throws -> Void) async throws {
        try await RucheFixture.with { fixture in
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            do {
                let words = try served.log().split { $0.isWhitespace }.map(String.init)
                let address = try #require(words.first { $0.hasPrefix("http://") })
                try await body(SecondSite(fixture: fixture, served: served, address: address))
                try await served.end()
            } catch {
                try? await served.end(SIGKILL)  // the body's error is the one to report
                throw error
            }
        }
    }
}

extension RucheFixture {
    /// What `ruche image show --json` says of a release.
    func shown(_ release: String) async throws -> ShownRelease {
        try JSONText.whole(ShownRelease.self, try await ruche("image", "show", release, "--json").output)
    }

    /// A box file of so many random bytes.
    func box(_ name: String, provider: String = "libvirt", bytes: Int = 200_000) async throws -> String {
        let folder = self.folder.appending("box-\(name)")
        try write("box-\(name)/metadata.json", "{\"provider\":\"\(provider)\",\"format\":\"qcow2\",\"virtual_size\":1}")
        try await tool(
            "sh", "-c",
            "head -c \(bytes) /dev/urandom >\(folder)/box.img && tar -C \(folder) -cf \(self.folder)/\(name).box metadata.json box.img"
        )
        return self.folder.appending("\(name).box").string
    }
}

struct ShownRelease: Decodable, Equatable {
    struct Summary: Decodable, Equatable {
        var digest: String
        var revokedReason: String?
    }
    struct Artifact: Decodable, Equatable {
        var kind: String
        var digest: String
    }
    struct Variant: Decodable, Equatable {
        var format: String
        var digest: String
    }
    var summary: Summary
    var variants: [Variant]
    var artifacts: [Artifact]
}
