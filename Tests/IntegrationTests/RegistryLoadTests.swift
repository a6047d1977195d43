import Foundation
import RucheCore
import RucheHost
import SystemPackage
import Testing

/// Images and artifacts that are large, sent by many at once, or by a client that goes away.
@Suite struct RegistryLoadTests {
    private static let size: Int64 = 5 << 30

    @Test func orasPushesAndPullsArtifacts() async throws {
        try await NetworkSite.with { site in
            guard let tools = try await PythonEnvironment.make("oras", ["oras>=0.2,<0.3"], for: site.fixture) else {
                return
            }
            let script = try #require(Bundle.module.path(forResource: "oras-roundtrip", ofType: "py"))
            let file = site.fixture.folder.appending("artifact.bin").string
            try await site.fixture.tool(
                "dd", "if=/dev/urandom", "of=\(file)", "bs=3000000", "count=1", "status=none")
            let result = try await site.fixture.runner.run(
                Command(
                    tools.python,
                    [script, site.host, site.token, "lab/artifact", file, site.fixture.folder.appending("out").string],
                    environment: ["HOME": site.fixture.folder.string]), onLine: nil)
            #expect(result.output.contains("as it was"), "\(result.output)\(result.errorTail)")
        }
    }

    @Test func fiveGibibytesGoInAndOut() async throws {
        try await NetworkSite.with { site in
            let layout = try await layout(site, layers: [hole(site, "big", Self.size)])
            let before = try memory(site)
            _ = try await copy(site, from: "oci:\(layout):it", to: "docker://\(site.host)/lab/big:1.0.0")
            // Pulled into another layout: what differed would not have the name of its digest.
            let back = site.fixture.folder.appending("back")
            _ = try await copy(site, from: "docker://\(site.host)/lab/big:1.0.0", to: "oci:\(back):it")
            try await site.fixture.tool("diff", "-rq", "\(layout)/blobs", "\(back)/blobs")
            let after = try memory(site)
            #expect(after - before < 64 << 10, "\(before) KiB before, \(after) KiB after")
        }
    }

    @Test func manySendTheSameBlobAtOnce() async throws {
        try await NetworkSite.with { site in
            let layout = try await layout(site, layers: [hole(site, "same", 64 << 20)])
            try await withThrowingTaskGroup(of: Void.self) { group in
                for index in 0..<8 {
                    group.addTask {
                        _ = try await copy(
                            site, from: "oci:\(layout):it", to: "docker://\(site.host)/lab/many:t\(index)")
                    }
                }
                try await group.waitForAll()
            }
            let back = site.fixture.folder.appending("back")
            _ = try await copy(site, from: "docker://\(site.host)/lab/many:t7", to: "oci:\(back):it")
            try await site.fixture.tool("diff", "-rq", "\(layout)/blobs", "\(back)/blobs")
            #expect(try isMissingOrEmpty(site.fixture.data.appending("content/ingest")))
        }
    }

    @Test func aPushThatWasBrokenOffLeavesNothingAndIsDoneAgain() async throws {
        try await NetworkSite.with { site in
            let layout = try await layout(site, layers: [hole(site, "slow", 256 << 20)])
            let blob = try await site.fixture.tool("sh", "-c", "ls -S \(layout)/blobs/sha256 | head -1")
            let name = blob.filter { !$0.isNewline }
            let start = try await site.fixture.tool(
                "curl", "-sS", "-u", "x:\(site.token)", "-X", "POST", "-D", "-", "-o", "/dev/null",
                "\(site.address)/v2/lab/slow/blobs/uploads/")
            let line = start.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix("location:") }
            let place = String(try #require(line?.split(separator: " ").last))
            // 30 MB/s for a second: it is cut off in the middle.
            let cut = try await site.fixture.runner.run(
                Command(
                    "curl",
                    [
                        "-sS", "--max-time", "1", "--limit-rate", "30M", "-u", "x:\(site.token)", "-H",
                        "Content-Type: application/octet-stream", "-T", "\(layout)/blobs/sha256/\(name)",
                        "\(place.hasPrefix("/") ? site.address : "")\(place)?digest=sha256:\(name)",
                    ]), onLine: nil)
            #expect(!cut.status.isSuccess)
            let status = try await site.fixture.tool(
                "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", "-I", "-u", "x:\(site.token)",
                "\(site.address)/v2/lab/slow/blobs/sha256:\(name)")
            #expect(status == "404", "nothing of it is to be seen")
            _ = try await copy(site, from: "oci:\(layout):it", to: "docker://\(site.host)/lab/slow:1.0.0")
            _ = try await copy(
                site, from: "docker://\(site.host)/lab/slow:1.0.0", to: "oci:\(site.fixture.folder)/back:it")
        }
    }

    /// A file of zeros that takes no room on the disk.
    private func hole(_ site: NetworkSite, _ name: String, _ size: Int64) throws -> FilePath {
        let path = site.fixture.folder.appending(name)
        let file = try FileDescriptor.open(
            path, .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
        try file.closeAfter { try file.resize(to: size) }
        return path
    }

    /// An OCI image layout of one image with these files as its layers. The files are moved into it.
    private func layout(_ site: NetworkSite, layers: [FilePath]) async throws -> FilePath {
        let folder = site.fixture.folder.appending("layout")
        let blobs = folder.appending("blobs/sha256")
        try FileTree.makeFolder(blobs)
        func add(_ path: FilePath, _ type: String) async throws -> String {
            let digest = try await site.fixture.tool("sha256sum", path.string).prefix(64)
            let size = try await site.fixture.tool("stat", "-c", "%s", path.string).filter(\.isNumber)
            try await site.fixture.tool("mv", path.string, blobs.appending(String(digest)).string)
            return #"{"mediaType":"application/vnd.oci.image.\#(type)","digest":"sha256:\#(digest)","size":\#(size)}"#
        }
        var descriptors: [String] = []
        for layer in layers { descriptors.append(try await add(layer, "layer.v1.tar+gzip")) }
        let ids = layers.map { _ in "\"sha256:\(String(repeating: "0", count: 64))\"" }.joined(separator: ",")
        let config = try await add(
            site.fixture.write(
                "config.json",
                #"{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[\#(ids)]}}"#),
            "config.v1+json")
        let manifest = try await add(
            site.fixture.write(
                "manifest.json",
                #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":\#(config),"#
                    + #""layers":[\#(descriptors.joined(separator: ","))]}"#), "manifest.v1+json")
        let named = manifest.dropLast() + #","annotations":{"org.opencontainers.image.ref.name":"it"}}"#
        try site.fixture.write("layout/index.json", #"{"schemaVersion":2,"manifests":[\#(named)]}"#)
        try site.fixture.write("layout/oci-layout", #"{"imageLayoutVersion":"1.0.0"}"#)
        return folder
    }

    private func copy(_ site: NetworkSite, from source: String, to target: String) async throws -> String {
        try await site.fixture.runner.runChecked(
            Command(
                "skopeo",
                [
                    "copy", "--preserve-digests", "--src-tls-verify=false", "--dest-tls-verify=false",
                    source.hasPrefix("docker") ? "--src-creds" : "--dest-creds", "x:\(site.token)", source, target,
                ], environment: ["HOME": site.fixture.folder.string, "TMPDIR": "/var/tmp"])
        ).output
    }

    /// KiB of the server's own memory: files that it maps are not counted.
    private func memory(_ site: NetworkSite) throws -> Int {
        let text = String(decoding: try AtomicFile.read(FilePath("/proc/\(site.pid)/status")), as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(Int(line.filter(\.isNumber)))
    }
}
