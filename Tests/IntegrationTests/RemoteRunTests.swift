import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Jobs on a server that is reached over TCP: their inputs are uploaded, and the line breaks.
@Suite struct RemoteRunTests {
    /// Passes TCP on to a port, and does to the n-th connection what the argument says: `cut` it after some
    /// megabytes, or `flip` a bit of what is sent.
    private static let proxy = """
        import socket, sys, threading
        target, fault, nth = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        print(listener.getsockname()[1], flush=True)
        faults = iter([False] * (nth - 1) + [True] + [False] * 10000)
        lock = threading.Lock()
        def pump(source, sink, watch):
            total, fine = 0, True
            try:
                while data := source.recv(65536):
                    total += len(data)
                    if watch and fine and total > 5 << 20:
                        with lock: fine = not next(faults)
                        total = 0
                        if not fine and fault == "cut":
                            break
                        if not fine:
                            data = data[:-1] + bytes([data[-1] ^ 1])
                    sink.sendall(data)
            except OSError:
                pass
            for end in (source, sink):
                try: end.shutdown(socket.SHUT_RDWR)
                except OSError: pass
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", target))
            threading.Thread(target=pump, args=(client, server, True), daemon=True).start()
            threading.Thread(target=pump, args=(server, client, False), daemon=True).start()
        """

    private static let job = "cd /pipeline/inputs && sha256sum a b c > /pipeline/outputs/sums"

    private func files(_ fixture: RucheFixture) async throws -> String {
        for name in ["a", "b", "c"] {
            try await fixture.tool(
                "dd", "if=/dev/urandom", "of=\(fixture.folder.appending(name))", "bs=1M", "count=40", "status=none")
        }
        return try await fixture.tool("sh", "-c", "cd \(fixture.folder) && sha256sum a b c")
    }

    private func port(_ served: ServedProcess) throws -> String {
        let line = try served.log().split(separator: "\n").first { $0.contains("http://") }
        return String(try #require(line?.split(separator: ":").last))
    }

    /// Runs the program as a user elsewhere would.
    private func remote(_ fixture: RucheFixture, _ url: String, _ arguments: String...) async throws -> CommandResult {
        let token = String(decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self)
            .filter { !$0.isWhitespace }
        var command = fixture.command(arguments + ["--server", url])
        command.environment["RUCHE_TOKEN"] = token
        return try await fixture.runner.run(command, onLine: nil)
    }

    private func withProxy(
        _ fixture: RucheFixture, _ port: String, _ fault: String, nth: Int, _ body: (String) async throws -> Void
    ) async throws {
        let script = try fixture.write("proxy.py", Self.proxy)
        let started = try await fixture.tool(
            "sh", "-c",
            "python3 \(script) \(port) \(fault) \(nth) >\(fixture.folder)/proxy.log 2>&1 & echo $!")
        let pid = try #require(Int32(started.filter(\.isNumber)))
        defer { kill(pid, SIGKILL) }
        let log = fixture.folder.appending("proxy.log")
        try await eventually(within: .seconds(60), "the proxy listens") {
            try FileTree.exists(log) && AtomicFile.read(log).contains(10)
        }
        let address = String(decoding: try AtomicFile.read(log), as: UTF8.self).filter(\.isNumber)
        try await body("http://127.0.0.1:\(address)")
    }

    @Test(arguments: ["cut", "flip"])
    func inputsArriveWholeThroughABadLine(_ fault: String) async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: Self.job)
            let sums = try await files(fixture)
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            try await withProxy(fixture, try port(served), fault, nth: 4) { url in
                let result = try await remote(
                    fixture, url, "run", "test/tiny", "--input", "a", "b", "c", "--output", "out")
                #expect(result.status.shellCode == 0, "\(result.output)\(result.errorTail)")
                let got = try AtomicFile.read(fixture.folder.appending("out/sums"))
                #expect(String(decoding: got, as: UTF8.self) == sums)
            }
            try await served.end()
        }
    }

    @Test func inputsGoOnAfterAKillOfTheServer() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: Self.job)
            let sums = try await files(fixture)
            var served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let port = try port(served)
            async let running = remote(
                fixture, "http://127.0.0.1:\(port)", "run", "test/tiny", "--input", "a", "b", "c", "--output", "out")
            try await eventually(within: .seconds(60), "bytes are taken") {
                let names = try FileTree.names(in: fixture.data.appending("incoming"))
                return names.contains { name in
                    var status = stat()
                    return stat(fixture.data.appending("incoming").appending(name).string, &status) == 0
                        && status.st_size > 1 << 20
                }
            }
            try await served.end(SIGKILL)
            served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:\(port)")
            let result = try await running
            #expect(result.status.shellCode == 0, "\(result.output)\(result.errorTail)")
            let got = try AtomicFile.read(fixture.folder.appending("out/sums"))
            #expect(String(decoding: got, as: UTF8.self) == sums)
            try await served.end()
        }
    }

    @Test func aRefusedJobLeavesNoUpload() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(
                form: #"{"type": "object", "properties": {"n": {"type": "integer", "title": "N", "required": true}}}"#)
            _ = try await files(fixture)
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let result = try await remote(
                fixture, "http://127.0.0.1:\(try port(served))", "run", "test/tiny", "--input", "a", "b")
            #expect(result.status.shellCode == 2, "\(result.output)\(result.errorTail)")
            let uploads = try JSONText.whole(
                Page<UploadDocument>.self, try await fixture.curl("/api/v1/uploads")
            ).items
            #expect(uploads.map(\.state) == ["terminated", "terminated"])
            #expect(try isMissingOrEmpty(fixture.data.appending("incoming")))
            try await served.end()
        }
    }

    @Test func aDetachedRunReturnsWhenItsInputsAreThere() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: Self.job + "; sleep 100")
            _ = try await files(fixture)
            let served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let result = try await remote(
                fixture, "http://127.0.0.1:\(try port(served))", "run", "test/tiny", "--input", "a", "b", "c",
                "--detach", "--quiet")
            #expect(result.status.shellCode == 0, "\(result.output)\(result.errorTail)")
            let id = result.output.filter { !$0.isWhitespace }
            #expect(try await fixture.kinds(of: id).filter { $0 == "job.input-arrived" }.count == 3)
            try await fixture.cancel(id)
            try await served.end()
        }
    }
}
