import RucheCore
import RucheWire

extension InstanceDocument: Listed {
    static var columns: [TextTable.Column] {
        [
            .text("NAME"), .text("OWNER"), .text("RELEASE"), .text("STATE"), .text("ENGINE"), .text("PORTS"),
            .text("CREATED"), .text("ID"),
        ]
    }

    func cells(now: Int64) -> [String] {
        let ports = self.ports.map { "\($0.host)->\($0.guest)" }.joined(separator: " ")
        return [
            name, owner.description, release, state.rawValue, engine, ports.isEmpty ? "-" : ports,
            HumanText.ago(createdAt, now: now), id.description,
        ]
    }

    var identifier: String { id.description }
}
