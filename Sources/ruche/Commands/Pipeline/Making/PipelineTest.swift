import ArgumentParser
import RucheClient
import RucheCore
import RucheHost
import RucheWire
import RucheWorkbench
import SystemPackage

struct PipelineTest: RucheCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Run the pipeline of a workbench on sample files, as a job would run.",
        discussion: """
            The job gets a private layer over the root of the workbench that is thrown away, read-only inputs with \
            config.json, no network, and an unprivileged user. Ends with 6 when a check fails.

            Examples:
              ruche pipeline test calling --input sample.fq --set ploidy=1
              ruche pipeline test calling --input a.txt --expect-output 'report*.txt' --junit report.xml
            """)

    @Argument(help: "The workbench.")
    var name: String

    @Option(
        name: [.short, .long], parsing: .upToNextOption, help: ArgumentHelp("Input files.", valueName: "file"),
        completion: .file())
    var input: [String] = []

    @Option(
        name: [.short, .long], parsing: .unconditionalSingleValue,
        help: ArgumentHelp("A value of the form; may be given again.", valueName: "key=value"))
    var set: [String] = []

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("An output that must come; may be given again.", valueName: "pattern"))
    var expectOutput: [String] = []

    @Option(help: ArgumentHelp("Write the report as JUnit XML.", valueName: "file"), completion: .file())
    var junit: String?

    @Option(help: "Engine to run it with.")
    var engine: String?

    @OptionGroup(title: "Limits") var limits: LimitOptions

    @OptionGroup(title: "Global options") var global: GlobalOptions

    func run(_ context: CommandContext) async throws {
        let inputs = try JobInputs(input, context.environment)
        let parameters = try JobParameters(set)
        let reportFile = junit.map { context.environment.absolute($0) }
        if let reportFile, !FileTree.isFolder(reportFile.removingLastComponent()) {
            throw RucheError(.notFound, "there is no folder for the report \(reportFile)")
        }
        let workbench = try await Workbenches.open(name, context)
        let report = try await TemporaryDirectory.with(in: context.environment.temporaryFolder, prefix: "ruche-test") {
            let stage = try await PackagingStage.make(
                workbench, name: EnvironmentName("\(TemporaryRelease.owner)/\(name)-test"),
                version: TemporaryRelease.version(), in: $0.appending("recipe"))
            return try await context.withClient { client in
                try await TemporaryRelease.with(stage.folder, client, context) { release in
                    try await run(release, stage.document.form, inputs, parameters, client, context)
                }
            }
        }
        if let reportFile { try AtomicFile.write(Array(report.junit.utf8), to: reportFile) }
        try show(report, context.output)
        guard report.isSuccess else { throw ExitCode(ExitClass.testFailed.rawValue) }
    }

    private func run(
        _ release: ReleaseReference, _ form: Form?, _ inputs: JobInputs, _ parameters: JobParameters,
        _ client: APIClient, _ context: CommandContext
    ) async throws -> PipelineTestReport {
        let values = try parameters.values(file: nil, typed: ParameterTyping(form: form).value)
        let (files, sending) = try await inputs.requests(client, context)
        var request = JobRequest(release: release.description, inputs: files, parameters: values)
        request.engine = engine
        request.limits = limits.value
        let job = try await JobInputs.start(request, sending, client)
        let output = context.output
        context.interrupts.onFirst {
            do { _ = try await client.cancelJob(job.id) } catch { output.warn("could not cancel the job: \(error)") }
        }
        let progress = KeptLines()
        try await FileSending.run(sending, client, output) {
            try await client.followEvents(subject: "job:\(job.id)") { event in
                if event.kind == "job.progressed", let fraction = event.data["progress"]?.doubleValue {
                    let label = event.data["label"]?.stringValue
                    progress.add(HumanText.percent(fraction) + (label.map { " \($0)" } ?? ""))
                }
                return event.kind == "job.ended" ? .stop : .goOn
            }
        }
        let log = KeptLines()
        try await client.jobLog(job.id, follow: false) { log.add($0.text) }
        let ended = try await client.job(job.id)
        try await client.removeJob(job.id)
        return PipelineTestReport(
            name: name, job: ended, expected: expectOutput, progress: progress.all, log: log.all)
    }

    private func show(_ report: PipelineTestReport, _ output: Output) throws {
        try output.json(report)
        for check in report.checks where !check.passed { output.quiet(check.name) }
        for check in report.checks {
            output.line(
                "\(check.passed ? "ok    " : "failed") \(check.name)\(check.detail.map { ": \($0)" } ?? "")",
                check.passed ? .green : .red)
        }
        if !report.isSuccess, output.format == .text {
            for line in report.log.suffix(20) { output.note("  | \(Sanitized.line(line))") }
        }
        for file in report.outputs { output.line("output \(file.path) (\(HumanText.size(file.size)))") }
        output.fields([
            ("progress", report.progress.isEmpty ? nil : report.progress.joined(separator: ", ")),
            ("time", report.seconds.map { HumanText.duration($0) }),
        ])
    }
}
