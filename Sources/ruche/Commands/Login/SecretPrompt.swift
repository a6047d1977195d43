import Glibc
import RucheCore

/// Reads secrets from a terminal that does not show them, or from standard input; never from arguments.
struct SecretPrompt: Sendable {
    let isStandardInput: Bool

    /// A password that was typed twice alike. Throws `invalid_input`.
    func newPassword(of user: String) throws -> String {
        let first = try secret("password of \(user): ")
        guard !isStandardInput else { return first }
        guard try secret("the same again: ") == first else {
            throw RucheError(.invalidInput, "the two passwords are not the same")
        }
        return first
    }

    /// One line. Throws `invalid_input` when there is no terminal to ask on, or nothing comes.
    func secret(_ question: String) throws -> String {
        guard isStandardInput || isatty(STDIN_FILENO) == 1 else {
            throw RucheError(
                .invalidInput, "there is no terminal to ask for a secret on: give it on standard input (--help has how)"
            )
        }
        var before = termios()
        let isHidden = !isStandardInput && tcgetattr(STDIN_FILENO, &before) == 0
        if isHidden {
            var silent = before
            silent.c_lflag &= ~tcflag_t(ECHO)
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
            StandardStream.write(question, to: STDERR_FILENO)
        }
        defer {
            if isHidden {
                tcsetattr(STDIN_FILENO, TCSAFLUSH, &before)
                StandardStream.write("\n", to: STDERR_FILENO)
            }
        }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw RucheError(.invalidInput, "no secret was given")
        }
        return line
    }
}
