import RucheCore
import RucheWire

extension FileDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("ID"), .text("NAME"), .number("SIZE"), .text("OWNER"), .text("TYPE"), .text("CREATED")]
    }

    func cells(now: Int64) -> [String] {
        [
            id.description, name, HumanText.size(size), owner.description, type, HumanText.ago(createdAt, now: now),
        ]
    }

    var identifier: String { id.description }
}
