import RucheHost
package import SystemPackage

/// Runs `build`, which makes something from nothing, twice, and returns what it gave.
///
/// When the mirror of Debian was renewed in between, which rightly gives something else, the second and a third time.
/// `build` returns the dates of its lists of packages beside its result.
package func builtTwice<Result>(
    _ build: () async throws -> (result: Result, mirror: [String])
) async throws -> (Result, Result) {
    let (first, second) = (try await build(), try await build())
    return first.mirror == second.mirror
        ? (first.result, second.result) : (second.result, try await build().result)
}

/// Dates of the lists of packages below a folder: they change when the mirror is renewed.
package func mirrorDates(below folder: FilePath) async throws -> [String] {
    let script = "find \"$0\" -name '*Release' -exec grep -h '^Date:' {} +"
    let found = try await SystemCommandRunner().run(Command("sh", ["-c", script, folder.string]), onLine: nil)
    return found.output.split(separator: "\n").map(String.init).sorted()
}
