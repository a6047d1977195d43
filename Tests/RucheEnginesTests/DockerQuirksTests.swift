import Testing

@testable import RucheEngines

@Suite struct DockerQuirksTests {
    @Test(arguments: [
        ("Docker/20.10.24+dfsg1 (linux)", true), ("Docker/23.0.0 (linux)", false), ("Docker/28.1.1 (linux)", false),
        ("something", true),
    ])
    func onlyOldDockersEndLogsEarly(server: String, early: Bool) {
        let quirks = DockerQuirks(podmanVersion: nil, server: server)
        #expect(quirks.endsLogsEarly == early)
        #expect(!quirks.losesEnds)
    }

    @Test func podmanDoesAlways() {
        #expect(DockerQuirks(podmanVersion: "4.3.1", server: "Libpod/4.3.1 (linux)").endsLogsEarly)
    }
}
