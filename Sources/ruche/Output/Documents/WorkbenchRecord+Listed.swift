import RucheWorkbench

extension WorkbenchRecord: Listed {
    static var columns: [TextTable.Column] {
        [.text("NAME"), .text("ENGINE"), .text("FROM"), .text("MADE"), .text("PROJECT")]
    }

    func cells(now: Int64) -> [String] { [name, kind.rawValue, from, HumanText.ago(created, now: now), project] }

    var identifier: String { name }
}
