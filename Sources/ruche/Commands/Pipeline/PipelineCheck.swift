import ArgumentParser
import RucheCore
import RucheHost
import SystemPackage

struct PipelineCheck: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a package: every finding with its file, line and field.",
        discussion: """
            Nothing is installed, and no server is asked. Ends with 2 when a finding forbids an installation.

            Examples:
              ruche pipeline check MyPipeline_v1.0.zip
              ruche pipeline check MyPipeline/
              ruche pipeline check lxc_image.tar.gz --json
            """)

    @Argument(help: "A package, or the folder of one.", completion: .file())
    var file: String

    @Option(help: "The owner of a pipeline whose name has none.")
    var owner: String = PipelineOwner.standard

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func validate() throws { try PipelineOwner.validate(owner) }

    func run(_ context: CommandContext) async throws {
        let (manifest, findings) = try Self.findings(of: context.environment.absolute(file), owner: owner)
        let output = context.output
        try output.json(Report(manifest: manifest, findings: findings))
        for finding in findings {
            output.quiet("\(finding.severity.rawValue) \(finding.problem.file ?? file) \(finding.problem.path)")
            output.line("\(finding)", Self.style(finding.severity))
        }
        let errors = findings.count { $0.severity == .error }
        if let manifest {
            output.line("\(file): \(manifest.dialect.rawValue) package \(manifest.name):\(manifest.version)", .green)
        }
        guard errors == 0 else {
            output.note(HumanText.count(errors, "error"), .red)
            throw ExitCode(ExitClass(.invalidInput).rawValue)
        }
        if manifest == nil { output.line("\(file): a release as a file", .green) }
    }

    /// What `--json` prints.
    private struct Report: Encodable {
        var manifest: PackageManifest?
        var findings: [PackageFinding]
    }

    /// An archive that is refused whole is a finding as well.
    static func findings(
        of path: FilePath, owner: String
    ) throws -> (manifest: PackageManifest?, findings: [PackageFinding]) {
        do {
            let reader = try PackageReader(path, owner: owner)
            return (reader.manifest, reader.findings)
        } catch let error as RucheError where error.code == .invalidArchive {
            let problem = Problem(
                file: path.lastComponent?.string, path: error.details["entry"] ?? "", message: error.message)
            return (nil, [PackageFinding(.error, problem)])
        }
    }

    private static func style(_ severity: PackageFinding.Severity) -> TextStyle {
        switch severity {
        case .error: .red
        case .warning: .yellow
        case .note: .dim
        }
    }
}
