import Foundation
import RucheHost
import SystemPackage
import Testing

/// The larger examples, built and used without a machine; `MachineLongTests` starts the hub as one.
@Suite struct ExampleTests {
    @Test func environmentOfRIsBuiltAndSaysWhatIsInIt() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.ruche("build", RucheFixture.examples.appending("r-environment").string)
            let tar = fixture.folder.appending("root.tar").string
            try await fixture.ruche(
                "image", "export", "examples/r-environment", "--format", "rootfs-tar", "-o", tar)
            let text = try await fixture.tool("tar", "-xOf", tar, "usr/share/r-environment/session-info.txt")
            #expect(text.contains("R version 4") && text.contains("ggplot2") && text.contains("dplyr"), "\(text)")
            let release = try await fixture.shown("examples/r-environment:1.0.0")
            #expect(release.artifacts.contains { $0.kind == "sbom" })
        }
    }

    @Test func hubIsAContainerThatRunsCellsOfPythonAndR() async throws {
        try await RucheFixture.with { fixture in
            let folder = fixture.folder.appending("hub")
            try await fixture.tool("cp", "-r", RucheFixture.examples.appending("jupyterhub").string, folder.string)
            let recipe = folder.appending("ruche.yaml")
            let text = String(decoding: try AtomicFile.read(recipe), as: UTF8.self)
            #expect(text.contains("variants: [oci, qcow2]"))
            try AtomicFile.write(
                Array(text.replacingOccurrences(of: "variants: [oci, qcow2]", with: "variants: [oci]").utf8), to: recipe
            )
            try await fixture.ruche("build", folder.string)
            let port = try #require(LocalPort.free())
            try await fixture.ruche(
                "up", "examples/jupyterhub", "--name", "hub", "--publish", "\(port):8000", "--timeout", "5m")
            try await fixture.expectHub(at: port, token: ["cat", "/srv/hub/api-token"])
            try await fixture.ruche("instance", "destroy", "hub")
        }
    }
}

extension RucheFixture {
    /// Logs in to a hub that is up as its API's client and runs a cell of each language; `token` prints its token there.
    func expectHub(at port: Int, token: [String]) async throws {
        let page = try await tool("curl", "-sSL", "http://127.0.0.1:\(port)/hub/login")
        #expect(page.contains("JupyterHub") && page.contains("password"))
        let secret = try await runner.runChecked(command(["instance", "ssh", "hub", "--"] + token)).output
        // Debian's Python, which has Debian's tornado.
        let cells = try await tool(
            "/usr/bin/python3", Self.examples.appending("jupyterhub/run-cells.py").string, "http://127.0.0.1:\(port)",
            secret.filter { $0.isHexDigit }, "scientist", "python3=import numpy; print(numpy.arange(4).sum())=6",
            "ir=sum(1:10)=55")
        #expect(cells.contains("python3: 6") && cells.contains("ir: [1] 55"), "\(cells)")
    }
}
