import ArgumentParser

struct Completion: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print a completion script for a shell.",
        discussion: """
            Examples:
              ruche completion bash >/etc/bash_completion.d/ruche
              ruche completion zsh >"${fpath[1]}/_ruche"
              ruche completion fish >~/.config/fish/completions/ruche.fish
            """)

    enum Shell: String, CaseIterable, ExpressibleByArgument, Sendable {
        case bash, zsh, fish

        var completionShell: CompletionShell {
            switch self {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        }
    }

    @Argument(help: "bash, zsh or fish")
    var shell: Shell

    func run() throws { print(Ruche.completionScript(for: shell.completionShell)) }
}
