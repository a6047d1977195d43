import RucheCore
import RucheImages

/// What a recipe is in the words of package manifests.
struct PackageManifestText: Sendable {
    private let recipe: Recipe
    private let isDocker: Bool
    /// Names of the package's documents.
    private let documents: Set<String>

    init(_ recipe: Recipe, isDocker: Bool, documents: Set<String>) {
        self.recipe = recipe
        self.isDocker = isDocker
        self.documents = documents
    }

    /// `manifest.json`.
    func bytes() throws -> [UInt8] { try CanonicalJSON.encode(JSONValue.object(fields)) + [10] }

    /// `metadata.yaml` of an LXD image, as JSON, which YAML takes. `documents` are paths in the image.
    func imageMetadata(created: Int64, withContract: Bool, documents: [String]) throws -> [UInt8] {
        let architecture = recipe.architectures.first ?? "amd64"
        let names = ["amd64": "x86_64", "arm64": "aarch64"]
        var metadata: [String: JSONValue] = [
            "architecture": .string(names[architecture] ?? architecture), "creation_date": .integer(created),
            "properties": [
                "architecture": .string(architecture),
                "description": .string(recipe.summary ?? recipe.name.description),
                "name": .string("\(recipe.name):\(recipe.version)"), "os": "linux",
                "release": .string(recipe.version.description),
            ], "templates": [:],
        ]
        if withContract {
            var contract = fields
            contract["documents"] = documents.isEmpty ? nil : .array(documents.map { .string($0) })
            contract["type"] = nil
            metadata["pirus"] = .object(contract)
        }
        return try CanonicalJSON.encode(JSONValue.object(metadata)) + [10]
    }

    private var fields: [String: JSONValue] {
        var result: [String: JSONValue] = [
            "name": .string(recipe.name.name), "version": .string(recipe.version.description),
            "description": .string(recipe.description ?? recipe.summary ?? ""),
            "type": .string(isDocker ? "job" : "lxd"),
        ]
        if let contract = recipe.pipeline {
            if !isDocker { result["job"] = .string(contract.job) }
            (result["inputs"], result["outputs"]) = (.string(contract.inputs), .string(contract.outputs))
            (result["logs"], result["databases"]) = (.string(contract.logs), .string(contract.databases))
        }
        if let license = recipe.license { result["license"] = .string(license) }
        if isDocker {
            result["contacts"] = .array(recipe.authors.map { [.string($0.name), .string($0.email ?? "")] })
        } else {
            result["developers"] = .array(recipe.authors.map { .string($0.name) })
            if !named.isEmpty { result["documents"] = .object(named) }
        }
        return result
    }

    private var named: [String: JSONValue] {
        let kinds: [(String, [String])] = [
            ("form", ["form.json"]), ("icon", ["doc/icon.png", "doc/icon.jpg"]),
            ("presentation", ["doc/about.html", "doc/prez.html"]), ("help", ["doc/help.html"]),
            ("license", ["LICENSE", "LICENSE.txt", "LICENSE.md"]), ("readme", ["README", "README.txt", "README.md"]),
        ]
        var result: [String: JSONValue] = [:]
        for (kind, names) in kinds {
            if let name = names.first(where: { documents.contains($0) }) { result[kind] = .string(name) }
        }
        return result
    }
}
