package import RucheHost
package import SystemPackage

/// A program to run in a workbench.
package struct WorkbenchCommand: Sendable {
    /// Where its streams lead.
    package enum Streams: Sendable {
        /// This process's own; `isTerminal` gives the program a terminal.
        case inherited(isTerminal: Bool)
        case files(input: FilePath?, output: FilePath, errors: FilePath)
        case lines(@Sendable (OutputLine) -> Void)
    }

    package var arguments: [String]
    /// `user[:group]`, names or numbers of the workbench; nil is root.
    package var user: String?
    package var environment: [String: String] = [:]
    package var hasNetwork = false
    package var streams: Streams

    package init(_ arguments: [String], _ streams: Streams) {
        self.arguments = arguments
        self.streams = streams
    }
}
