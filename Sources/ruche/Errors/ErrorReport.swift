import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

/// Tells a person, or a program, what went wrong.
enum ErrorReport {
    /// Writes to standard error; as JSON a problem document on one line.
    static func write(_ error: any Error, to output: Output) {
        let error = domainError(error)
        if output.format == .json {
            output.warn(json(error))
            return
        }
        var lines = error.message.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let first = lines.isEmpty ? "" : lines.removeFirst()
        output.warn("error: \(first)", .red)
        for line in lines { output.warn("  \(line)") }
        for problem in error.problems { output.warn("  \(problem)") }
        if let id = error.details["request_id"], error.code == .internalError {
            output.warn("  the server's log has more under request \(id)")
        }
    }

    /// Every error as one of the domain; what is not known is an internal error that shows itself.
    static func domainError(_ error: any Error) -> RucheError {
        switch error {
        case let error as RucheError: error
        case is CancellationError: RucheError(.cancelled, "cancelled")
        default: RucheError(.internalError, "\(error)", cause: error)
        }
    }

    static func json(_ error: RucheError) -> String {
        let document = ProblemDocument(
            title: error.code.rawValue, status: Int(error.details["status"] ?? "") ?? 0, detail: error.message,
            code: error.code, requestID: error.details["request_id"], details: error.details, errors: error.problems)
        guard let bytes = try? JSON.encode(document) else { return error.message }  // a value of strings always encodes
        return String(decoding: bytes, as: UTF8.self)
    }
}
