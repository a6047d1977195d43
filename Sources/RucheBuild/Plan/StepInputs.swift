import RucheCore
import RucheHost
import RucheImages
import SystemPackage

import struct Crypto.SHA256

/// All that a step's layer depends on besides the layers below it.
struct StepInputs: Hashable, Sendable, Codable {
    /// Canonical JSON of the step.
    var text: String
    /// What it reads beside the recipe.
    var files: [String: Digest]

    /// Raised when this program makes other layers from the same inputs.
    private static let format = "ruche step 1"

    init(_ step: Step, in source: SourceFolder, recipeFile: String) throws {
        text = try CanonicalJSON.text(step)
        switch step {
        case .apt:
            files = [:]
        case .pip(let pip):
            files = [:]
            for path in try source.requirementFiles(of: pip) { files[path] = try source.digest(file: path) }
        case .copy(let copy):
            files = try source.tree(copy.from, modes: copy.mode == nil, except: nil)
        case .shell(let shell):
            guard case .file(let path) = shell.source else {
                files = [:]
                break
            }
            files = [path: try source.digest(file: path)]
        case .ansible(let ansible):
            // A playbook reads templates, variables and tasks beside it, by names only Ansible resolves.
            let folder = FilePath(ansible.playbook).removingLastComponent().string
            files = try source.tree(folder.isEmpty ? "." : folder, modes: true, except: recipeFile)
            if let roles = ansible.roles { files.merge(try source.tree(roles, modes: true)) { $1 } }
        }
    }

    init(text: String, files: [String: Digest]) {
        self.text = text
        self.files = files
    }

    /// The name of the layer made over `parent`; `pins` are versions that a lock demands.
    func key(parent: Digest, architecture: String, pins: Digest?) throws -> Digest {
        let listed = files.map { "\($0.key)\u{0}\($0.value.hex)" }.sorted()
        return try CanonicalJSON.digest(
            [Self.format, parent.hex, architecture, pins?.hex ?? "", text] + listed)
    }

    /// The one thing that differs from the last time, or nil.
    func change(since last: StepInputs) -> String? {
        if text != last.text { return "text changed" + StepText.difference(from: last.text, to: text) }
        for path in Set(files.keys).union(last.files.keys).sorted() where files[path] != last.files[path] {
            if files[path] == nil { return "\(path) removed" }
            return last.files[path] == nil ? "\(path) added" : "\(path) changed"
        }
        return nil
    }
}
