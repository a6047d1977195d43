import Glibc
import RucheCore
import RucheHost
import RucheServer
import SystemPackage
import Testing

@Suite struct AccessTokenTests {
    @Test func makesAPrivateTokenOnce() async throws {
        try await TemporaryDirectory.with(in: "/tmp") { folder in
            let path = folder.appending("token")
            _ = try AccessToken.load(path)
            let text = String(decoding: try AtomicFile.read(path), as: UTF8.self)
            var status = stat()
            #expect(stat(path.string, &status) == 0 && status.st_mode & 0o777 == 0o600)
            #expect(text.utf8.count == 65)
            let again = try AccessToken.load(path)
            #expect(again.matches(text.dropLast()))
            #expect(!again.matches(text.dropLast(2)))
            #expect(!again.matches(""))
        }
    }

    @Test func refusesATokenThatOthersMayRead() async throws {
        try await TemporaryDirectory.with(in: "/tmp") { folder in
            let path = folder.appending("token")
            try AtomicFile.write(Array("0123456789abcdef0123".utf8), to: path)
            let error = #expect(throws: RucheError.self) { try AccessToken.load(path) }
            #expect(error?.code == .notPermitted)
            #expect(chmod(path.string, 0o600) == 0)
            #expect(try AccessToken.load(path).matches("0123456789abcdef0123"))
        }
    }

    @Test func refusesAShortTokenAndALink() async throws {
        try await TemporaryDirectory.with(in: "/tmp") { folder in
            let path = folder.appending("token")
            try AtomicFile.write(Array("short\n".utf8), to: path, permissions: .ownerReadWrite)
            #expect(throws: RucheError.self) { try AccessToken.load(path) }
            #expect(symlink("token", folder.appending("link").string) == 0)
            #expect(throws: RucheError.self) { try AccessToken.load(folder.appending("link")) }
        }
    }
}
