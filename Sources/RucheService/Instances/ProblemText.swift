import RucheCore

/// An error as one line for people.
enum ProblemText {
    static func of(_ error: any Error) -> String {
        guard let error = error as? RucheError else { return "\(error)" }
        return ([error.message] + error.problems.map(\.description)).joined(separator: "; ")
    }
}
