/// What every view of something that goes on has: where to write, the time, and the region that is redrawn on a
/// terminal.
struct LiveView: Sendable {
    let output: Output
    let now: @Sendable () -> Int64
    let region: LiveRegion?

    init(_ context: CommandContext) {
        output = context.output
        now = context.now
        region = context.output.liveRegion()
    }

    /// A line for each change, where nothing is redrawn and nobody reads JSON.
    func note(_ line: @autoclosure () -> String) {
        if region == nil, output.format == .text { output.note(line()) }
    }

    /// Redraws while `body` runs. `lines` gets the width of the terminal.
    func show<Result: Sendable>(
        _ lines: @escaping @Sendable (_ width: Int) -> [StyledLine],
        _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let width = output.progress.width
        return try await Ticker.run(region, { lines(width) }, body)
    }
}
