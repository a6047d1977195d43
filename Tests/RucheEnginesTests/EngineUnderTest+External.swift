import RucheCore
import RucheEngines
import SystemPackage

extension EngineUnderTest {
    /// The example of an operator's own program.
    static let external = EngineUnderTest(testDescription: "external") { data in
        ExternalEngine(
            data: data,
            configuration: ExternalConfiguration(
                name: "runc-python", command: ["/usr/bin/python3", example.string],
                consoleLogLimit: ByteCount(1 << 20)))
    }

    private static var example: FilePath {
        FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
            .appending("examples/external-engine/runc_engine.py")
    }
}
