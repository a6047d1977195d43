import RucheCore
import RucheImages

/// Steps as lines for people.
enum StepText {
    private static let titleLimit = 72

    /// One line, such as `apt bwa samtools`.
    static func title(_ step: Step) -> String {
        let text =
            switch step {
            case .apt(let apt): "apt " + apt.packages.joined(separator: " ")
            case .pip(let pip):
                (["pip"] + pip.packages + (pip.requirements.map { ["-r", $0] } ?? [])
                    + (pip.venv.map { ["into", $0] } ?? [])).joined(separator: " ")
            case .copy(let copy): "copy \(copy.from) to \(copy.to)"
            case .shell(let shell):
                switch shell.source {
                case .file(let path): "shell \(path)"
                case .inline(let text): "shell " + text.split(separator: "\n").joined(separator: "; ")
                }
            case .ansible(let ansible): "ansible \(ansible.playbook)"
            }
        return text.count > titleLimit ? text.prefix(titleLimit - 1) + "…" : text
    }

    /// `: apt packages +bwa -bowtie2` for packages, the name of another member that differs, or nothing.
    static func difference(from old: String, to new: String) -> String {
        // Texts are our own canonical JSON; one that can't be read has no details to tell.
        guard let before: JSONValue = try? CanonicalJSON.decode(JSONValue.self, Array(old.utf8), "step"),
            let after: JSONValue = try? CanonicalJSON.decode(JSONValue.self, Array(new.utf8), "step"),
            let kind = after.objectValue?.keys.first
        else { return "" }
        guard let oldStep = before[kind]?["_0"] else {
            return ": \(before.objectValue?.keys.first ?? "step") became \(kind)"
        }
        let newStep = after[kind]?["_0"]
        let names = Set((oldStep.objectValue ?? [:]).keys).union((newStep?.objectValue ?? [:]).keys).sorted()
        guard let name = names.first(where: { oldStep[$0] != newStep?[$0] }) else { return "" }
        guard name == "packages" else { return ": \(kind) \(name)" }
        let earlier = (oldStep[name]?.arrayValue ?? []).compactMap(\.stringValue)
        let later = (newStep?[name]?.arrayValue ?? []).compactMap(\.stringValue)
        let words =
            later.filter { !earlier.contains($0) }.map { "+\($0)" }
            + earlier.filter { !later.contains($0) }.map { "-\($0)" }
        return ": \(kind) packages " + (words.isEmpty ? "in another order" : words.joined(separator: " "))
    }
}
