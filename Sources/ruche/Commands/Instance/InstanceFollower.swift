import RucheClient
import RucheCore
import RucheWire

/// Follows an instance until it is ready, or at rest, and tells what came of it.
struct InstanceFollower: Sendable {
    let context: CommandContext

    /// Shows each stage as it is reached. Throws what the instance failed with, after its console's end.
    func untilReady(_ instance: InstanceDocument, _ client: APIClient) async throws {
        let output = context.output
        output.note("instance \(instance.name) of \(instance.release)")
        if let reason = instance.emulation {
            output.note("no KVM here (\(reason)): processors are emulated, which is many times slower", .yellow)
        }
        var failure: RucheError?
        try await client.followEvents(subject: "instance:\(instance.id)") { event in
            guard let data = event.data.objectValue, data["start"] == .integer(Int64(instance.starts)) else {
                return .goOn
            }
            switch event.kind {
            case "instance.reached": show(data)
            case "instance.ready": return .stop
            case "instance.failed", "instance.stopped", "instance.destroyed":
                failure = self.failure(instance, data)
                return .stop
            default: break
            }
            return .goOn
        }
        if let failure { throw failure }
        try report(try await client.instance(instance.id))
    }

    /// Returns when it has stopped.
    func untilStopped(_ instance: InstanceDocument, _ client: APIClient) async throws -> InstanceDocument {
        var current = instance
        while current.state == .stopping {
            try await Task.sleep(for: .milliseconds(100))
            current = try await client.instance(instance.id)
        }
        return current
    }

    func report(_ instance: InstanceDocument) throws {
        let output = context.output
        try output.json(instance)
        output.quiet(instance.id.description)
        output.line("instance \(instance.name) \(instance.state.rawValue)", instance.state == .ready ? .green : nil)
        guard instance.state.mayRun else { return }
        output.fields([
            ("url", instance.url),
            (
                "login",
                (instance.sshPort != nil || instance.entrance != nil) ? "ruche instance ssh \(instance.name)" : nil
            ),
            ("stops", instance.leaseEnd.map { HumanText.timestamp($0) }),
        ])
    }

    private func show(_ data: [String: JSONValue]) {
        let stage = (data["stage"]?.stringValue ?? "").padding(12)
        let seconds = data["seconds"].map { HumanText.duration(Self.number($0)) } ?? ""
        context.output.note("  \(stage)\(seconds)" + (data["note"]?.stringValue.map { "  (\($0))" } ?? ""))
    }

    private static func number(_ value: JSONValue) -> Double {
        switch value {
        case .number(let number): number
        case .integer(let number): Double(number)
        default: 0
        }
    }

    private func failure(_ instance: InstanceDocument, _ data: [String: JSONValue]) -> RucheError {
        let output = context.output
        let lines = data["console"]?.arrayValue?.compactMap(\.stringValue) ?? []
        if !lines.isEmpty {
            output.note("the end of its console:")
            for line in lines { output.note("  " + Sanitized.line(line), .dim) }
        }
        let code = data["code"]?.stringValue.map { ErrorCode(rawValue: $0) } ?? .instanceFailed
        let reason = data["reason"]?.stringValue ?? "it was stopped"
        return RucheError(
            code,
            "instance \(instance.name) did not become ready: \(reason); "
                + "\"ruche instance logs \(instance.name)\" shows all it wrote",
            details: ["instance": instance.id.description])
    }
}

extension String {
    /// Blanks behind it up to a width.
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
