import Foundation

/// Picks the lines of one step out of the log of a build, chunk by chunk.
struct StepLogLines {
    private struct Line: Decodable {
        var step: Int?
    }

    private let step: Int
    /// The beginning of a line whose end is in the next chunk.
    private var rest: [UInt8] = []

    init(step: Int) { self.step = step }

    /// The step's lines that end in `chunk`.
    mutating func take(_ chunk: [UInt8]) -> [UInt8] {
        guard let end = chunk.lastIndex(of: 10) else {
            rest += chunk
            return []
        }
        let lines = select(rest + chunk[...end])
        rest = Array(chunk[(end + 1)...])
        return lines
    }

    private func select(_ bytes: [UInt8]) -> [UInt8] {
        bytes.split(separator: 10).reduce(into: []) { result, line in
            // A line that is no JSON was cut off by a full disk, and belongs to no step.
            guard let read = try? JSONDecoder().decode(Line.self, from: Data(line)), read.step == step else { return }
            result += line
            result.append(10)
        }
    }
}
