package import RucheCore
package import RucheHost
package import SystemPackage

/// What every engine of a data directory is made with.
package struct EngineContext: Sendable {
    package var data: FilePath
    package var runner: any CommandRunning
    /// Bytes of one console log that an engine ever writes; what comes after is read and dropped. Who runs containers
    /// takes the middle out long before that (`LogThinning`): it bounds what is written while nobody does.
    package var consoleLogLimit: ByteCount

    package init(data: FilePath, runner: any CommandRunning, consoleLogLimit: ByteCount = ByteCount(256 << 20)) {
        self.data = data
        self.runner = runner
        self.consoleLogLimit = consoleLogLimit
    }
}
