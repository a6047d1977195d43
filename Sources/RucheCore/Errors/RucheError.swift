/// The one error of the domain: a stable code, a sentence for a person, and what a program may read.
///
/// Messages are lower case, have no final stop, name the thing and the value, and say what to do
/// where that is known.
package struct RucheError: Error, Sendable, CustomStringConvertible {
    package var code: ErrorCode
    package var message: String
    package var details: [String: String]
    /// Every problem found in the input, when the code is one of bad input.
    package var problems: [Problem]
    package var cause: (any Error)?

    package init(
        _ code: ErrorCode, _ message: String, details: [String: String] = [:], problems: [Problem] = [],
        cause: (any Error)? = nil
    ) {
        self.code = code
        self.message = message
        self.details = details
        self.problems = problems
        self.cause = cause
    }

    package var description: String {
        ([message] + problems.map { "  \($0)" }).joined(separator: "\n")
    }
}
