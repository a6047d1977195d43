import RucheCore
import RucheWire

extension EngineDocument: Listed {
    static var columns: [TextTable.Column] {
        [.text("ENGINE"), .text("KIND"), .text("READY"), .text("CAN"), .text("INSTANCES")]
    }

    func cells(now: Int64) -> [String] {
        [
            name, kind ?? "", ready ? "yes" : "no", capabilities.joined(separator: ", "),
            instances?.joined(separator: ", ") ?? "",
        ]
    }

    var identifier: String { name }
}
