import NIOCore
import RucheCore
import RucheHost
import RucheServer
import SystemPackage
import Testing

/// Python's `openapi-spec-validator`, where it is installed.
enum OpenAPIValidator {
    static func check(_ document: JSONValue) async throws {
        let runner = SystemCommandRunner()
        guard Tool.find("python3") != nil,
            try await runner.run(Command("python3", ["-c", "import openapi_spec_validator"]), onLine: nil).status
                .isSuccess
        else { return }
        try await TemporaryDirectory.with(in: "/tmp") { folder in
            let path = folder.appending("openapi.json")
            let buffer = try JSONCoding.encode(document)
            try AtomicFile.write(Array(buffer.readableBytesView), to: path)
            let result = try await runner.run(
                Command("python3", ["-m", "openapi_spec_validator", path.string]), onLine: nil)
            #expect(result.status.isSuccess, "\(result.output) \(result.errorTail)")
        }
    }
}
