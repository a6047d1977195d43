import ArgumentParser
import RucheClient
import RucheCore
import RucheWire

/// Looks into the machine of a release, where the catalogue is.
struct ReleaseChecking {
    let context: CommandContext
    let release: ReleaseReference
    let target: MachineTarget
    let flavour: String?

    /// What the operation's result says.
    private struct Found: Decodable {
        var release: String
        var variant: String?
        var system: String?
        var problems: [Problem]
        var notes: [String]
    }

    /// Ends with 2 when there is a problem.
    func run() async throws {
        let work = Meter("checking \(release)", unit: .parts, total: 1000)
        let checking = self
        let found = try await Ticker.run(context.output.liveRegion(), { work.lines() }) {
            try await checking.context.withClient { client in
                let operation = try await client.checkRelease(
                    checking.release, target: checking.target, flavour: checking.flavour)
                checking.context.interrupts.onFirst {
                    await OperationEnd.cancel(operation.id, client, checking.context.output)
                }
                work.start()
                let end = try await OperationEnd.follow(operation, client) { work.set(Int64($0 * 1000)) }
                return try OperationEnd.result(of: end, as: Found.self)
            }
        }
        try tell(found)
    }

    private func tell(_ found: Found) throws {
        let output = context.output
        let problems = found.problems.map { problem in
            var problem = problem
            problem.file = found.release
            return problem
        }
        try output.json(problems)
        for note in found.notes { output.note(Sanitized.line(note), .yellow) }
        let what = [found.release, found.variant, found.system.map { Sanitized.line($0) }].compactMap(\.self)
            .joined(separator: ", ")
        guard !problems.isEmpty else {
            return output.line("\(what): no problem on \(target.rawValue)", .green)
        }
        for problem in problems {
            output.quiet("\(found.release): \(problem.path)")
            output.line(Sanitized.line("\(problem)"))
        }
        output.note("\(HumanText.count(problems.count, "problem")): \(what)", .red)
        throw ExitCode(ExitClass.badInput.rawValue)
    }
}
