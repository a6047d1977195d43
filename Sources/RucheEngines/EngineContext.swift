package import RucheCore
package import RucheHost
package import SystemPackage

/// What every engine of a data directory is made with.
package struct EngineContext: Sendable {
    package var data: FilePath
    package var runner: any CommandRunning
    /// Bounds each console log; what comes after is dropped.
    package var consoleLogLimit: ByteCount

    package init(data: FilePath, runner: any CommandRunning, consoleLogLimit: ByteCount = ByteCount(256 << 20)) {
        self.data = data
        self.runner = runner
        self.consoleLogLimit = consoleLogLimit
    }
}
