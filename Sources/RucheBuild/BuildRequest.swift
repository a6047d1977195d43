package import RucheCore
package import RucheImages
package import SystemPackage

/// What to build and how.
package struct BuildRequest: Sendable {
    /// The checked recipe and the folder its files are in (already a private copy).
    package var recipe: Recipe
    package var folder: FilePath
    /// The recipe's own file name in `folder`.
    package var recipeFile: String
    /// Build every step again.
    package var noCache = false
    /// Resolve the base again even if it is young.
    package var refresh = false
    /// A lock that the build must reproduce: base digest, apt and pip versions, files.
    package var lock: BuildLock?

    package init(recipe: Recipe, folder: FilePath, recipeFile: String) {
        self.recipe = recipe
        self.folder = folder
        self.recipeFile = recipeFile
    }

    /// What every file of the folder is: paths, permissions and contents, no times.
    package func folderDigest() throws -> Digest {
        try CanonicalJSON.digest(try SourceFolder(folder).tree(".", modes: true).mapValues(\.hex))
    }
}

/// What the builder tells while it works, in order. The consumer must be quick.
package enum BuildEvent: Sendable {
    /// Every step with what will happen to it. The base is step 0; tests and variants come last.
    case planned([PlannedStep])
    case stepStarted(index: Int)
    case stepOutput(index: Int, line: String, isError: Bool)
    case stepFinished(index: Int, outcome: StepOutcome)
}

package struct PlannedStep: Hashable, Sendable, Codable {
    package var index: Int
    /// `base`, `apt`, `pip`, `copy`, `shell`, `ansible`, `tests`, `variant`, `record`.
    package var kind: String
    /// A line for people, such as `apt bwa samtools bcftools`.
    package var title: String
    /// True when the cached layer will be used.
    package var reused: Bool
    /// Why: `same as before`, or the one thing that changed.
    package var reason: String
    package init(index: Int, kind: String, title: String, reused: Bool, reason: String) {
        self.index = index
        self.kind = kind
        self.title = title
        self.reused = reused
        self.reason = reason
    }
}

package struct StepOutcome: Hashable, Sendable, Codable {
    package enum State: String, Hashable, Sendable, Codable {
        case built, reused, failed
    }
    package var state: State
    package var seconds: Double
    /// Size of the layer's tar, bytes.
    package var size: Int64?
    package var digest: Digest?
    package var exitCode: Int?
    package init(state: State, seconds: Double, size: Int64? = nil, digest: Digest? = nil, exitCode: Int? = nil) {
        self.state = state
        self.seconds = seconds
        self.size = size
        self.digest = digest
        self.exitCode = exitCode
    }
}

/// The lock: exactly what an environment was made of.
package struct BuildLock: Hashable, Sendable, Codable {
    package var schema = 1
    package var architecture: String
    package var base: Base
    /// `name` → `version` of every Debian package in the finished root.
    package var apt: [String: String]
    /// `name` → `version` of every Python distribution, by the `site-packages` folder it is in.
    package var pip: [String: [String: String]]
    /// sha256 of every file that the recipe read, by path.
    package var files: [String: Digest]

    package init(
        architecture: String, base: Base, apt: [String: String], pip: [String: [String: String]],
        files: [String: Digest]
    ) {
        self.architecture = architecture
        self.base = base
        self.apt = apt
        self.pip = pip
        self.files = files
    }

    package struct Base: Hashable, Sendable, Codable {
        /// As written in the recipe.
        package var reference: String
        /// Diff ids of the base's layers, lowest first.
        package var layers: [Digest]
        package var mirror: String?
        package var snapshot: String?
        /// Of a `packer:` base, which has no layers.
        package var packer: PackerRecord?
        package init(
            reference: String, layers: [Digest], mirror: String? = nil, snapshot: String? = nil,
            packer: PackerRecord? = nil
        ) {
            self.reference = reference
            self.layers = layers
            self.mirror = mirror
            self.snapshot = snapshot
            self.packer = packer
        }
    }
}

/// A finished build.
package struct BuildResult: Sendable {
    package var release: Release
    package var lock: BuildLock
    package var reusedSteps: Int
    package var builtSteps: Int
    package init(release: Release, lock: BuildLock, reusedSteps: Int, builtSteps: Int) {
        self.release = release
        self.lock = lock
        self.reusedSteps = reusedSteps
        self.builtSteps = builtSteps
    }
}

/// Turns a recipe into a release.
package protocol Building: Sendable {
    /// What a build would do, for `--explain`. Touches nothing.
    func plan(_ request: BuildRequest) async throws -> [PlannedStep]
    /// Builds and publishes. Throws `build_failed` or `test_failed` with details `step` (index),
    /// `exit_code` and `title`; finished steps stay cached, nothing half-made stays.
    func build(
        _ request: BuildRequest, onEvent: @escaping @Sendable (BuildEvent) -> Void
    ) async throws -> BuildResult
}
