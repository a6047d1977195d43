import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Inputs and values of a job that are not, or no longer, what they should be.
@Suite struct JobInputTests {
    enum Change: String, CaseIterable, Sendable {
        case removed, replaced, appended

        func apply(_ path: FilePath) throws {
            switch self {
            case .removed: try FileTree.remove(path)
            case .replaced: try AtomicFile.write(Array("other data\n".utf8), to: path)
            case .appended:
                let file = try FileDescriptor.open(path, .writeOnly, options: [.append])
                _ = try file.closeAfter { try file.writeAll(Array("more\n".utf8)) }
            }
        }

        var words: String { self == .removed ? "gone|vanished|can't be read" : "changed" }
    }

    private func expectFailure(_ result: CommandResult, _ input: FilePath, _ change: Change) throws {
        #expect(result.status == .exited(7), "\(result.output)\n\(result.errorTail)")
        let job = try JSONText.lastLine(JobDocument.self, result.output)
        #expect(job.state == .failed && job.exit?.reason == .engineFailure)
        let message = job.exit?.message ?? ""
        #expect(message.contains(input.string), "\(message)")
        #expect(try message.contains(Regex(change.words)), "\(message)")
        #expect(result.errorTail.contains(input.string), "the person is told too: \(result.errorTail)")
    }

    @Test(arguments: Change.allCases)
    func anInputThatIsNotTheSameWhenItsTurnComesFailsTheJob(_ change: Change) async throws {
        try await RucheFixture.with { fixture in
            try fixture.write(".config/ruche/config.yaml", "slots: 1\n")
            let release = try await fixture.buildBusybox(job: "test -f /pipeline/inputs/data.txt || exec sleep 600")
            let input = try fixture.write("data.txt", "data\n")
            try await ServedProcess.with(fixture) { _ in
                let first = try await fixture.ruche("run", release, "--detach", "--quiet").output
                async let waiting = fixture.run("run", release, "--json", "--input", input.string)
                try await eventually(within: .seconds(60), "the second job waits") {
                    let list = try await fixture.ruche("job", "list", "--json").output
                    return try JSONText.whole([JobSummaryDocument].self, list).contains { $0.state == .queued }
                }
                try change.apply(input)
                try await fixture.ruche("job", "cancel", first.filter { !$0.isWhitespace })
                try expectFailure(try await waiting, input, change)
            }
        }
    }

    @Test(arguments: Change.allCases)
    func anInputThatChangesWhileTheJobRunsFailsIt(_ change: Change) async throws {
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(
                job: """
                    echo x > /pipeline/outputs/begun
                    until [ -e /pipeline/outputs/go ]; do sleep 0.1; done
                    cat /pipeline/inputs/data.txt > /pipeline/outputs/copy
                    """)
            let input = try fixture.write("data.txt", "data\n")
            async let running = fixture.run("run", release, "--json", "--input", input.string)
            try await eventually(within: .seconds(60), "the job runs") {
                (try? fixture.firstJobFolder()).map { FileTree.exists($0.appending("outputs/begun")) } == true
            }
            try change.apply(input)
            try AtomicFile.write([], to: try fixture.firstJobFolder().appending("outputs/go"))
            try expectFailure(try await running, input, change)
        }
    }

    @Test func valuesComeFromAFileAndThoseOfTheLineWin() async throws {
        let form = """
            {"properties": {"ploidy": {"type": "integer", "minimum": 1, "maximum": 8, "required": true},
                            "mode": {"type": "enum", "enum": ["fast", "exact"]}}}
            """
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(form: form)
            let file = try fixture.write("values.json", #"{"ploidy": 2, "mode": "fast"}"#)
            let plain = try await fixture.ruche("run", release, "--config", file.string, "--json")
            var job = try JSONText.lastLine(JobDocument.self, plain.output)
            #expect(job.parameters == ["ploidy": 2, "mode": "fast"])
            let both = try await fixture.ruche(
                "run", release, "--config", file.string, "--set", "ploidy=3", "--json")
            job = try JSONText.lastLine(JobDocument.self, both.output)
            #expect(job.parameters == ["ploidy": 3, "mode": "fast"])
            // The configuration that a job got is a file of values too.
            let again = try await fixture.ruche(
                "run", release, "--config", fixture.data.appending("jobs/\(job.id)/inputs/config.json").string, "--json"
            )
            #expect(try JSONText.lastLine(JobDocument.self, again.output).parameters == job.parameters)
        }
    }

    @Test(
        arguments: [
            (nil, 3, "values.json"), ("[1]", 2, "values.json"), ("{\"ploidy\": 2,,}", 2, "values.json"),
            (#"{"ploidy": 9}"#, 2, "ploidy"), (#"{"ploidy": 1, "plody": 1}"#, 2, "plody"),
            (#"{"ploidy": "two"}"#, 2, "ploidy"),
        ] as [(String?, Int, String)])
    func aFileOfValuesThatIsWrongStartsNothing(_ text: String?, _ code: Int, _ named: String) async throws {
        let form = #"{"properties": {"ploidy": {"type": "integer", "minimum": 1, "maximum": 8, "required": true}}}"#
        try await RucheFixture.with { fixture in
            let release = try await fixture.buildBusybox(form: form)
            let file = fixture.folder.appending("values.json")
            if let text { try fixture.write("values.json", text) }
            let result = try await fixture.ruche("run", release, "--config", file.string, code: code)
            #expect((result.output + result.errorTail).contains(named))
            #expect(try isMissingOrEmpty(fixture.data.appending("jobs")))
        }
    }
}
