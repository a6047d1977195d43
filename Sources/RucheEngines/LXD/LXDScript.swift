import RucheCore
import RucheHost

/// The script that begins a container: runs the program, its streams into files, and writes down how it ended.
///
/// It stays the first process, so that whatever the program leaves behind goes with it, and reads whether memory
/// lacked while the container's control group still exists. Shell built-ins only: an image may have no program.
struct LXDScript: Sendable {
    let sandbox: SandboxSpec

    var text: String {
        let shell = LXDTools.command("sh").map(Self.quoted).joined(separator: " ")
        return """
            read -r gate <>\(home)/gate
            umask 022
            trap '' XFSZ
            unset container
            \(exports)
            refuse() { echo "$1" >\(home)/refusal; exit 127; }
            found() {
                case $1 in */*) [ -f "$1" ] && [ -x "$1" ]; return ;; esac
                IFS=:
                for folder in $PATH; do [ -f "$folder/$1" ] && [ -x "$folder/$1" ] && return 0; done
                return 1
            }
            set -- \(sandbox.arguments.map(Self.quoted).joined(separator: " "))
            cd \(Self.quoted(sandbox.workingDirectory)) || refuse "the working directory can't be entered"
            (found "$1") || refuse "the program $1 can't be run: it is not in the image, or its user may not"
            \(shell) -c 'echo $$ >\(home)/process; \(yielding)exec "$@"' sh "$@" </dev/null >>\(home)/out 2>>\(home)/err
            code=$?
            short=0
            for file in /sys/fs/cgroup/memory/memory.oom_control /sys/fs/cgroup/memory.events; do
                [ -r $file ] || continue
                while read -r key value; do [ "$key" = oom_kill ] && short=$value; done <$file
            done
            echo "$code $short" >\(home)/exit
            exit $code

            """
    }

    private var home: String { LXDTools.home }

    /// Where memory lacks the kernel is to end the program's processes, not this shell, which would have nobody left
    /// to tell it: it takes the largest process, and by this number, in thousandths of the limit (proc(5)), the
    /// program's count as 4 MiB larger than they are, more than the shell is. Where the whole machine lacks memory
    /// they are thousandths of that: a small job goes before a service does.
    private var yielding: String {
        guard let limit = sandbox.limits.memory?.bytes else { return "" }
        let larger = min(1000, 1 + (4 << 20) * 1000 / max(1, limit))
        return "{ echo \(larger) >/proc/self/oom_score_adj; } 2>/dev/null; "
    }

    private var exports: String {
        var lines = sandbox.environment.filter { Self.isName($0.key) }.sorted { $0.key < $1.key }
            .map { "export \($0.key)=\(Self.quoted($0.value))" }
        if sandbox.environment["PATH"] == nil { lines.append("export \(RuntimeConfiguration.searchPath)") }
        return lines.joined(separator: "\n")
    }

    /// Names that a shell has no variable for: the engine's configuration holds them.
    static func isName(_ text: String) -> Bool { text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil }

    static func quoted(_ text: String) -> String { "'" + text.replacing("'", with: "'\\''") + "'" }
}
