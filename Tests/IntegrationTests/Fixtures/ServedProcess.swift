import Glibc
import RucheHost
import SystemPackage

/// `ruche serve` as a process that a test ends as it likes.
struct ServedProcess: Sendable {
    let pid: Int32
    private let fixture: RucheFixture

    /// Returns once it answers and has told where.
    static func start(_ fixture: RucheFixture, _ arguments: String...) async throws -> ServedProcess {
        let log = fixture.folder.appending("serve.log")
        try FileTree.remove(log)
        let line = try await fixture.runner.runChecked(
            Command(
                "/bin/sh",
                ["-c", "\"$@\" >\(log.string) 2>&1 & echo $!", "sh", RucheFixture.program, "serve"] + arguments,
                environment: ["RUCHE_DATA": fixture.data.string, "HOME": fixture.folder.string, "NO_COLOR": "1"],
                workingDirectory: fixture.folder)
        ).output
        guard let pid = Int32(line.filter(\.isNumber)) else { throw NeverHappened(what: "a process number: \(line)") }
        let served = ServedProcess(pid: pid, fixture: fixture)
        // The last of the lines that tell where: those before it are there too.
        let last = arguments.contains("--listen") ? "token file " : "socket "
        try await eventually(within: .seconds(120), "the server answers") {
            try served.log().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
                .contains { $0.hasPrefix(last) }
        }
        return served
    }

    func log() throws -> String {
        let path = fixture.folder.appending("serve.log")
        return FileTree.exists(path) ? String(decoding: try AtomicFile.read(path), as: UTF8.self) : ""
    }

    /// Sends a signal and returns once nobody holds the lock of the data directory.
    func end(_ signal: Int32 = SIGTERM) async throws {
        Glibc.kill(pid, signal)
        try await eventually(within: .seconds(120), "the server is gone") {
            try FileLock.tryAcquire(fixture.data.appending("run/server.lock")) != nil
        }
    }

    /// Ends it after `body`, whatever comes of that. `body` may have ended it already.
    static func with<Result>(
        _ fixture: RucheFixture, body: (ServedProcess) async throws -> Result
    ) async throws -> Result {
        let served = try await start(fixture)
        do {
            let result = try await body(served)
            try await served.end()
            return result
        } catch {
            try? await served.end(SIGKILL)  // the body's error is the one to report
            throw error
        }
    }
}

extension RucheFixture {
    /// Asks the private socket with curl, as a program of another language would.
    func curl(_ path: String, _ arguments: String...) async throws -> String {
        try await runner.runChecked(
            Command(
                "curl",
                ["-sS", "--unix-socket", data.appending("run/api.sock").string] + arguments + [
                    "http://localhost\(path)"
                ],
                environment: ["HOME": folder.string])
        ).output
    }

    /// The names of what happened to a job, oldest first.
    func kinds(of job: String) async throws -> [String] {
        let text = try await curl("/api/v1/events?limit=1000&subject=job:\(job)")
        return try JSONText.whole(EventPage.self, text).items.map(\.kind)
    }
}

struct EventPage: Decodable {
    struct Item: Decodable {
        var sequence: Int
        var kind: String
        var data: [String: ScalarText]
    }
    var items: [Item]
}

/// A number, string or flag of an event, as text.
struct ScalarText: Decodable {
    var text: String

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let number = try? container.decode(Double.self) {
            text = "\(number)"
        } else {
            text = "\((try? container.decode(Bool.self)) ?? false)"
        }
    }
}
