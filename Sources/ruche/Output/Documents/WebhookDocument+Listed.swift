import RucheCore
import RucheWire

extension WebhookDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("ID"), .text("URL"), .text("KINDS"), .text("OWNER"), .text("STATE"), .text("CREATED")]
    }

    func cells(now: Int64) -> [String] {
        [id.description, url, kindsText, owner.description, condition, HumanText.ago(createdAt, now: now)]
    }

    var identifier: String { id.description }

    var kindsText: String { kinds.isEmpty ? "all" : kinds.joined(separator: ", ") }

    /// `given up`, `failing`, or `ready`.
    var condition: String { disabledAt != nil ? "given up" : failures > 0 ? "failing" : "ready" }
}
