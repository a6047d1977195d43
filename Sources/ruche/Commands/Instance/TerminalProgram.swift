import RucheCore
import RucheHost

extension CommandContext {
    /// Runs a program with this process's terminal and streams. Throws its exit code unless that is 0.
    func runHere(_ words: [String]) async throws {
        var program = Command(words[0], Array(words.dropFirst()))
        for name in ["TERM", "HOME"] { program.environment[name] = environment[name] }
        program.output = .inherited
        let result = try await SystemCommandRunner().run(program, onLine: nil)
        if !result.status.isSuccess { throw ProgramExit(code: Int32(result.status.shellCode)) }
    }
}
