/// One step of a recipe: it runs in its own container and becomes one layer.
package enum Step: Hashable, Sendable, Codable {
    case apt(AptStep)
    case pip(PipStep)
    case copy(CopyStep)
    case shell(ShellStep)
    case ansible(AnsibleStep)

    /// The key of the step in the recipe.
    package var kind: String {
        switch self {
        case .apt: "apt"
        case .pip: "pip"
        case .copy: "copy"
        case .shell: "shell"
        case .ansible: "ansible"
        }
    }
}

/// `apt: [bwa, samtools=1.16.1-1]` or `apt: {packages: […], recommends: true}`.
package struct AptStep: Hashable, Sendable, Codable {
    /// Package names, each optionally `name=version` or `name/suite`.
    package var packages: [String]
    package var recommends: Bool
    package init(packages: [String], recommends: Bool = false) {
        self.packages = packages
        self.recommends = recommends
    }
}

/// `pip: [numpy==2.0]` or `pip: {packages:, requirements:, constraints:, venv:, index_url:}`.
package struct PipStep: Hashable, Sendable, Codable {
    package var packages: [String]
    /// Files beside the recipe, relative to it.
    package var requirements: String?
    package var constraints: String?
    /// Absolute path of a virtual environment in the image; nil means the system's Python.
    package var venv: String?
    /// Interpreter in the image, default `python3`.
    package var python: String?
    package var indexURL: String?
    package init(
        packages: [String] = [], requirements: String? = nil, constraints: String? = nil, venv: String? = nil,
        python: String? = nil, indexURL: String? = nil
    ) {
        self.packages = packages
        self.requirements = requirements
        self.constraints = constraints
        self.venv = venv
        self.python = python
        self.indexURL = indexURL
    }
}

/// `copy: {from: job/, to: /pipeline/job, mode: "0755", owner: "0:0"}`.
package struct CopyStep: Hashable, Sendable, Codable {
    /// A file or folder beside the recipe; the contents of a folder are copied into `to`.
    package var from: String
    /// Absolute path in the image; with a trailing slash a file keeps its name below it.
    package var to: String
    /// Permission bits for files (folders get the search bits that go with it); nil keeps those of the source.
    package var mode: UInt16?
    /// `uid[:gid]`, names or numbers as the image knows them; nil means root.
    package var owner: String?
    package init(from: String, to: String, mode: UInt16? = nil, owner: String? = nil) {
        self.from = from
        self.to = to
        self.mode = mode
        self.owner = owner
    }
}

/// `shell: scripts/setup.sh`, `shell: |` with lines, or `shell: {script:|run:, interpreter:, network:, env:}`.
package struct ShellStep: Hashable, Sendable, Codable {
    package enum Source: Hashable, Sendable, Codable {
        /// A file beside the recipe.
        case file(String)
        /// The text itself.
        case inline(String)
    }
    package var source: Source
    /// Interpreter and its arguments; the script's path follows. Default `["/bin/sh", "-eu"]`.
    package var interpreter: [String]
    package var network: Bool
    package var env: [String: String]
    package init(
        source: Source, interpreter: [String] = ["/bin/sh", "-eu"], network: Bool = false, env: [String: String] = [:]
    ) {
        self.source = source
        self.interpreter = interpreter
        self.network = network
        self.env = env
    }
}

/// `ansible: {playbook: ansible/playbook.yml, roles: ansible/roles, extra_vars: {…}}`.
package struct AnsibleStep: Hashable, Sendable, Codable {
    package var playbook: String
    package var roles: String?
    package var extraVars: [String: JSONValue]
    package init(playbook: String, roles: String? = nil, extraVars: [String: JSONValue] = [:]) {
        self.playbook = playbook
        self.roles = roles
        self.extraVars = extraVars
    }
}
