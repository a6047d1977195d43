import RucheHost

/// The log of an installation, line by line, in the form of a build's.
struct InstallLog: Sendable {
    private struct Line: Encodable {
        var step: Int
        var stream: String
        var text: String
    }

    let log: OperationLog?

    func line(_ text: String) {
        for part in text.split(separator: "\n") { write(OutputLine(stream: .stdout, text: String(part))) }
    }

    func write(_ line: OutputLine) {
        // A log that can't be written must not fail the installation: a full disk shows soon enough.
        try? log?.append(Line(step: 0, stream: line.stream.rawValue, text: line.text))
    }
}
