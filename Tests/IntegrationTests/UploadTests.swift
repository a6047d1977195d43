import Foundation
import Glibc
import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Uploads through the real server with clients of others: tuspy from PyPI, and curl.
@Suite struct UploadTests {
    /// Sends a file in pieces, asks for the offset after every failure, and never accepts one below what it was told.
    private static let sender = """
        import sys, time
        from tusclient import client
        url, token, path, log = sys.argv[1:5]
        tus = client.TusClient(url, headers={"Authorization": "Bearer " + token})
        def attempt(what):
            for _ in range(2400):
                try:
                    return what()
                except AssertionError:
                    raise
                except Exception:
                    time.sleep(0.05)
            raise SystemExit("no answer for too long")
        # checksums make every piece one that is kept whole or dropped
        uploader = attempt(lambda: tus.uploader(path, chunk_size=32 << 20, metadata={"filename": "big.bin"},
            upload_checksum=len(sys.argv) > 5))
        told = 0
        while uploader.offset < uploader.get_file_size():
            def piece():
                try:
                    uploader.upload_chunk()
                except Exception:
                    uploader.offset = uploader.get_offset()
                    assert uploader.offset >= told, f"{uploader.offset} is below {told}"
            attempt(piece)
            told = uploader.offset
            with open(log, "w") as file:
                file.write(str(told))
        print(uploader.url)
        """

    /// Two GiB with holes, and a piece that is like no other every 64 MiB.
    private func bigFile(_ fixture: RucheFixture) async throws -> FilePath {
        let path = fixture.folder.appending("big")
        try await fixture.tool(
            "python3", "-c",
            """
            import os
            with open("\(path)", "wb") as file:
                for i in range(32):
                    file.seek(i << 26)
                    file.write(os.urandom(1 << 20))
                file.truncate(2 << 30)
            """)
        return path
    }

    private func address(_ served: ServedProcess) throws -> String {
        let line = try served.log().split(separator: "\n").first { $0.contains("http://") }
        return String(try #require(line?.split(separator: " ").last))
    }

    @Test func tuspyBringsTwoGigabytesThroughKillsOfTheServer() async throws {
        try await RucheFixture.with { fixture in
            guard let python = try await PythonEnvironment.make("tus", ["tuspy==1.1.0"], for: fixture)?.python else {
                return
            }
            let file = try await bigFile(fixture)
            let script = try fixture.write("send.py", Self.sender)
            let progress = fixture.folder.appending("progress")
            var served = try await ServedProcess.start(fixture, "--listen", "127.0.0.1:0")
            let address = try address(served)
            let listen = String(address.dropFirst("http://".count))
            let token = String(
                decoding: try AtomicFile.read(fixture.data.appending("token")), as: UTF8.self
            ).filter { !$0.isWhitespace }
            async let sending = fixture.tool(
                python, script.string, address + "/api/v1/uploads", token, file.string, progress.string)
            for kill in 1...4 {
                try await eventually(within: .seconds(300), "bytes are taken") {
                    let text = (try? AtomicFile.read(progress)).map { String(decoding: $0, as: UTF8.self) }
                    return (text.flatMap { Int64($0) } ?? 0) >= Int64(kill) * 300 << 20
                }
                try await served.end(SIGKILL)
                served = try await ServedProcess.start(fixture, "--listen", listen)
            }
            let url = try await sending
            let id = url.split(separator: "/").last.map { $0.filter { !$0.isWhitespace } } ?? ""
            let upload = try JSONText.whole(UploadDocument.self, try await fixture.curl("/api/v1/uploads/\(id)"))
            let sum = try await fixture.tool("sha256sum", file.string)
            #expect(upload.digest.map { sum.hasPrefix($0.hex) } == true, "\(upload)")
            #expect(upload.state == "complete" && upload.offset == 2 << 30)
            #expect(try isMissingOrEmpty(fixture.data.appending("incoming")))
            let head = try await fixture.curl("/api/v1/files?name=big.bin")
            #expect(head.contains(upload.file?.description ?? "none"))
            try await served.end()
        }
    }

    @Test func aFullDiskLosesNothingOfAnUpload() async throws {
        try await RucheFixture.with { fixture in
            try FileTree.makeFolder(fixture.data)
            try await fixture.tool("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", fixture.data.string)
            let file = fixture.folder.appending("file")
            try await fixture.tool("dd", "if=/dev/urandom", "of=\(file)", "bs=1M", "count=64", "status=none")
            try await ServedProcess.with(fixture) { _ in
                let created = try await tus(fixture, "POST", "/api/v1/uploads", "Upload-Length: \(64 << 20)")
                let path = try #require(header("location", created))
                let full = try await patch(fixture, path, 0, file)
                #expect(full.contains("507") && full.contains("disk_full"), "\(full)")
                let head = try await tus(fixture, "HEAD", path)
                let offset = try #require(header("upload-offset", head).flatMap { Int64($0) })
                #expect(offset > 1 << 20 && offset < 64 << 20)
                try await fixture.tool("mount", "-o", "remount,size=400m", fixture.data.string)
                let rest = fixture.folder.appending("rest")
                try await fixture.tool("sh", "-c", "tail -c +\(offset + 1) \(file) >\(rest)")
                let done = try await patch(fixture, path, offset, rest)
                #expect(done.contains("204"), "\(done)")
                let sum = try await fixture.tool("sha256sum", file.string)
                #expect(header("ruche-digest", done).map { sum.hasPrefix($0.dropFirst(7)) } == true)
            }
        }
    }

    @Test func ofTwoThatWriteAtOneOffsetOneWins() async throws {
        try await RucheFixture.with { fixture in
            let files = ["a", "b"].map { fixture.folder.appending($0) }
            for file in files {
                try await fixture.tool("dd", "if=/dev/urandom", "of=\(file)", "bs=1M", "count=64", "status=none")
            }
            try await ServedProcess.with(fixture) { _ in
                for _ in 1...5 {
                    let created = try await tus(fixture, "POST", "/api/v1/uploads", "Upload-Length: \(64 << 20)")
                    let path = try #require(header("location", created))
                    async let first = patch(fixture, path, 0, files[0])
                    async let second = patch(fixture, path, 0, files[1])
                    let answers = try await [first, second]
                    let won = answers.map { $0.contains("HTTP/1.1 204") }
                    #expect(won.filter(\.self).count == 1, "\(answers)")
                    let lost = answers[won[0] ? 1 : 0]
                    // While the other writes it is locked, and afterwards the offset is another.
                    #expect(lost.contains("HTTP/1.1 409") || lost.contains("HTTP/1.1 423"), "\(lost)")
                    let sum = try await fixture.tool("sha256sum", files[won[0] ? 0 : 1].string)
                    let head = try await tus(fixture, "HEAD", path)
                    #expect(header("ruche-digest", head).map { sum.hasPrefix($0.dropFirst(7)) } == true)
                    #expect(try await patch(fixture, path, 0, files[0]).contains("HTTP/1.1 409"))
                }
            }
        }
    }

    @Test func aFullDiskIsToldAndTheCommandGoesOnAfterwards() async throws {
        try await RucheFixture.with { fixture in
            try FileTree.makeFolder(fixture.data)
            try await fixture.tool("mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", fixture.data.string)
            let file = fixture.folder.appending("file")
            try await fixture.tool("dd", "if=/dev/urandom", "of=\(file)", "bs=1M", "count=64", "status=none")
            try await ServedProcess.with(fixture) { _ in
                let full = try await fixture.ruche("file", "upload", "file", code: 11)
                let note = try #require(full.errorTail.firstMatch(of: /--resume ([0-9a-z]{26})/), "\(full.errorTail)")
                #expect(try await fixture.ruche("file", "list", "--quiet").output.isEmpty)
                try await fixture.tool("mount", "-o", "remount,size=400m", fixture.data.string)
                let id = try await fixture.ruche(
                    "file", "upload", "--resume", String(note.output.1), "file", "--quiet"
                ).output.filter { !$0.isWhitespace }
                let sum = try await fixture.tool("sha256sum", file.string)
                let shown = try JSONText.whole(FileDocument.self, try await fixture.curl("/api/v1/files/\(id)"))
                #expect(sum.hasPrefix(shown.digest.hex) && shown.size == 64 << 20)
                // Another file is told from the one that was begun.
                try await fixture.tool("dd", "if=/dev/urandom", "of=\(file)", "bs=1M", "count=64", "status=none")
                let other = try await fixture.ruche(
                    "file", "upload", "--resume", String(note.output.1), "file", code: 12)
                #expect(other.errorTail.contains("is not the file that was begun"), "\(other.errorTail)")
            }
        }
    }

    @Test func aQuotaIsSetShownAndLifted() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("small", String(repeating: "x", count: 1000))
            try await fixture.ruche("owner", "quota", "local", "1500")
            try await fixture.ruche("file", "upload", "small")
            #expect(try await fixture.ruche("owner", "quota", "local").output.contains("1.5 KiB"))
            try fixture.write("more", String(repeating: "y", count: 600))
            let refused = try await fixture.ruche("file", "upload", "more", code: 14)
            #expect(refused.errorTail.contains("too many"), "\(refused.errorTail)")
            try await fixture.ruche("owner", "quota", "local", "none")
            try await fixture.ruche("file", "upload", "more")
            #expect(try await fixture.ruche("owner", "quota", "local").output.contains("no limit"))
            try await fixture.ruche("owner", "quota", "local", "-5", code: 2)
        }
    }

    @Test func aCollectionTakesNothingOfAnUpload() async throws {
        try await RucheFixture.with { fixture in
            let file = try fixture.write("piece", String(repeating: "0123456789", count: 1000))
            try await ServedProcess.with(fixture) { _ in
                let created = try await tus(fixture, "POST", "/api/v1/uploads", "Upload-Length: 20000")
                let path = try #require(header("location", created))
                _ = try await patch(fixture, path, 0, file)
                try await fixture.ruche("gc")
                let done = try await patch(fixture, path, 10_000, file)
                let id = try #require(header("ruche-file", done))
                try await fixture.ruche("gc")
                let content = try await fixture.curl("/api/v1/files/\(id)/content")
                #expect(content.utf8.count == 20_000)
                try await fixture.ruche("file", "remove", id)
                #expect(try await fixture.ruche("gc", "--json").output.contains("\"blobs\""))
                #expect(try isMissingOrEmpty(fixture.data.appending("content/blobs/sha256")))
            }
        }
    }

    @Test func theCommandsUploadShowFetchAndRemoveAFile() async throws {
        try await RucheFixture.with { fixture in
            try fixture.write("a.bam", "aligned")
            try fixture.write("a.bam.bai", "index")
            let id = try await fixture.ruche("file", "upload", "a.bam", "--companion", "a.bam.bai", "--quiet").output
                .filter { !$0.isWhitespace }
            let shown = try JSONText.whole(
                FileDocument.self, try await fixture.ruche("file", "show", id, "--json").output)
            #expect(shown.name == "a.bam" && shown.companions?.count == 1)
            #expect(try await fixture.ruche("file", "list").output.contains("a.bam.bai"))
            try await fixture.ruche("file", "rename", id, "b.bam")
            try await fixture.ruche("file", "download", id, "-o", "copy")
            #expect(try AtomicFile.read(fixture.folder.appending("copy")) == Array("aligned".utf8))
            try await fixture.ruche("file", "download", id, "-o", "copy", code: 4)
            try await fixture.ruche("file", "remove", id)
            try await fixture.ruche("file", "show", id, code: 3)
        }
    }

    // MARK: curl

    private func tus(_ fixture: RucheFixture, _ method: String, _ path: String, _ header: String = "X: y") async throws
        -> String
    {
        let verb = method == "HEAD" ? ["-I"] : ["-X", method]
        return try await fixture.runner.runChecked(
            Command(
                "curl",
                ["-sS", "-i", "--unix-socket", fixture.data.appending("run/api.sock").string] + verb + [
                    "-H", "Tus-Resumable: 1.0.0", "-H", header, "http://localhost\(path)",
                ], environment: ["HOME": fixture.folder.string])
        ).output
    }

    private func patch(_ fixture: RucheFixture, _ path: String, _ offset: Int64, _ file: FilePath) async throws
        -> String
    {
        let result = try await fixture.runner.run(
            Command(
                "curl",
                [
                    "-sS", "-i", "--unix-socket", fixture.data.appending("run/api.sock").string, "-X", "PATCH", "-T",
                    file.string, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: \(offset)", "-H", "Expect:", "-H",
                    "Content-Type: application/offset+octet-stream", "http://localhost\(path)",
                ], environment: ["HOME": fixture.folder.string]), onLine: nil)
        return result.output
    }

    private func header(_ name: String, _ answer: String) -> String? {
        answer.split(whereSeparator: \.isNewline).first { $0.lowercased().hasPrefix(name + ":") }
            .map { $0.dropFirst(name.count + 1).trimmingCharacters(in: .whitespaces) }
    }
}
