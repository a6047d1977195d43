import ArgumentParser
import RucheCore
import RucheHost
import Synchronization
import SystemPackage
import Testing

@testable import ruche

@Suite struct ServeTests {
    @Test(arguments: [
        ("127.0.0.1:8000", "127.0.0.1", 8000), ("[::1]:0", "::1", 0), ("localhost:1", "localhost", 1),
        ("127.9.9.9:65535", "127.9.9.9", 65535),
    ])
    func readsAddressesOfTheLoopback(_ text: String, _ host: String, _ port: Int) throws {
        #expect(try ListenAddress.parse(text, insecure: false) == ServingOptions.Listener(host: host, port: port))
    }

    @Test(arguments: ["0.0.0.0:80", "[::]:80", "192.168.1.1:80", "example.org:80"])
    func refusesTheNetworkInTheClearUnlessAsked(_ text: String) throws {
        let error = try #require(throws: RucheError.self) { try ListenAddress.parse(text, insecure: false) }
        #expect(error.code == .notPermitted)
        #expect(error.message.contains("--insecure"))
        #expect(throws: Never.self) { try ListenAddress.parse(text, insecure: true) }
    }

    @Test(arguments: ["", "80", "host", "host:", "host:99999", ":80", "::1:80", "a b:80", "http://x:80"])
    func refusesWhatIsNoAddress(_ text: String) throws {
        let error = try #require(throws: RucheError.self) { try ListenAddress.parse(text, insecure: true) }
        #expect(error.code == .invalidInput)
    }

    @Test func holdsTheLockWhileItServes() async throws {
        struct Probe: Serving {
            let held: @Sendable (ServingOptions) throws -> Void
            func serve(_ options: ServingOptions, ready: @escaping @Sendable (ServingReport) -> Void) async throws {
                try held(options)
                ready(ServingReport(port: 4711, tokenFile: "/t/token"))
                throw CancellationError()
            }
        }
        try await TemporaryDirectory.with(in: "/tmp", prefix: "sv") { folder in
            let captured = Captured()
            let command = try #require(
                try Ruche.parseAsRoot(["serve", "--listen", "127.0.0.1:0"]) as? Serve)
            let free = Mutex(true)
            let probe = Probe { options in
                let lock = try FileLock.tryAcquire(ServerLock.path(options.data))
                free.withLock { $0 = lock != nil }
            }
            try await command.run(try CommandFixture.context(captured, folder: folder), probe)
            #expect(!free.withLock { $0 })
            #expect(captured.results.contains("http://127.0.0.1:4711"))
            #expect(captured.results.contains("/t/token"))
            #expect(try FileLock.tryAcquire(ServerLock.path(folder.appending("data"))) != nil)
        }
    }
}
