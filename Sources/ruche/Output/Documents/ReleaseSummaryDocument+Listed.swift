import RucheCore
import RucheWire

extension ReleaseSummaryDocument: Listed {
    static var columns: [TextTable.Column] {
        [
            .text("NAME"), .text("VERSION"), .text("TAGS"), .number("SIZE"), .text("VARIANTS"), .text("PUBLISHED"),
            .text("DIGEST"),
        ]
    }

    func cells(now: Int64) -> [String] {
        [
            name.description, version.description, tags.joined(separator: ","), HumanText.size(size),
            variants.joined(separator: ","), HumanText.ago(publishedAt, now: now), digest.short,
        ]
    }

    var identifier: String { "\(name):\(version)" }
}

extension HistoryDocument: Listed {
    static var columns: [TextTable.Column] { [.number("SIZE"), .text("DIGEST"), .text("CREATED BY")] }

    func cells(now: Int64) -> [String] { [HumanText.size(size), digest?.short ?? "-", createdBy] }

    var identifier: String { digest?.description ?? createdBy }
}
