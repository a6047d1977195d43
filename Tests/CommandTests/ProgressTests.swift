import RucheClient
import RucheCore
import RucheWire
import Testing

@testable import ruche

@Suite struct ProgressTests {
    private static func event(_ kind: String, _ data: JSONValue, time: Int64 = 1_000) -> EventDocument {
        EventDocument(sequence: 1, time: time, subject: "x", kind: kind, data: data)
    }

    private static let plan: JSONValue = [
        "steps": [
            ["index": 0, "kind": "base", "title": "debian:bookworm", "reused": true, "reason": "same as before"],
            ["index": 1, "kind": "apt", "title": "apt bwa", "reused": false, "reason": "packages changed"],
        ]
    ]

    @Test func followsTheStepsOfABuild() {
        var progress = BuildProgress()
        #expect(progress.apply(Self.event("build.planned", Self.plan)) == nil)
        #expect(progress.lines(now: 0).map(\.plain).map { $0.contains("waiting") } == [true, true])
        _ = progress.apply(Self.event("build.step-started", ["index": 1], time: 5_000))
        #expect(progress.lines(now: 8_000)[1].plain.contains("running apt bwa"))
        #expect(progress.lines(now: 8_000)[1].plain.contains("3.0 s"))
        let outcome: JSONValue = ["state": "built", "seconds": 2.5, "size": 2048]
        let step = progress.apply(Self.event("build.step-finished", ["index": 1, "outcome": outcome]))
        #expect(step?.state == .built)
        let line = progress.lines(now: 0)[1].plain
        for part in ["✓", "built", "2.5 s", "2 KiB", "packages changed"] { #expect(line.contains(part)) }
    }

    @Test(arguments: [40, 60, 80, 200])
    func fitsTimeAndSizeIntoTheTerminal(_ width: Int) {
        var progress = BuildProgress()
        let title = String(repeating: "long ", count: 14)
        let step: JSONValue = ["index": 0, "kind": "shell", "title": .string(title), "reused": false, "reason": "new"]
        _ = progress.apply(Self.event("build.planned", ["steps": [step]]))
        let outcome: JSONValue = ["state": "built", "seconds": 185, "size": 2048]
        _ = progress.apply(Self.event("build.step-finished", ["index": 0, "outcome": outcome]))
        let line = progress.lines(now: 0, width: width)[0].render(width: width, colour: false)
        #expect(line.contains("built") == (width >= 60))
        for part in ["✓", "…", "3 min 05 s", "2 KiB"] { #expect(line.contains(part)) }
        #expect(line.contains("new") == (width == 200))
    }

    @Test func remembersTheStepThatFailed() {
        var progress = BuildProgress()
        _ = progress.apply(Self.event("build.planned", Self.plan))
        let outcome: JSONValue = ["state": "failed", "seconds": 1, "exitCode": 100]
        _ = progress.apply(Self.event("build.step-finished", ["index": 1, "outcome": outcome]))
        #expect(progress.failed?.plan.index == 1)
        #expect(progress.failed?.exitCode == 100)
    }

    @Test func survivesEventsItDoesNotUnderstand() {
        var progress = BuildProgress()
        for data: JSONValue in [.null, "x", ["index": 99], ["index": "one"], [1, 2]] {
            for kind in ["build.planned", "build.step-started", "build.step-finished", "build.invented"] {
                #expect(progress.apply(Self.event(kind, data)) == nil)
            }
        }
        #expect(progress.lines(now: 0).isEmpty)
    }

    @Test func followsAJob() {
        var status = JobStatus()
        #expect(status.line(now: 0).plain == "queued")
        status.apply(Self.event("job.started", [:], time: 1_000))
        status.apply(Self.event("job.progressed", ["progress": 0.5, "label": "aligning", "estimatedEnd": 25_000]))
        #expect(status.line(now: 13_000).plain == "running 50 %  12 s  aligning")
        #expect(
            status.line(now: 13_000, width: 80).plain
                == "running [============>           ] 50 %  12 s, about 12 s left  aligning")
        #expect(status.line(now: 13_000, width: 40).plain.hasPrefix("running [=====>    ] 50 %"))
        status.apply(Self.event("job.paused", [:]))
        #expect(status.line(now: 0).plain.hasPrefix("paused"))
        status.apply(Self.event("job.ended", ["state": "failed"]))
        #expect(status.isEnded)
        #expect(status.line(now: 0).plain.hasPrefix("failed"))
    }

    @Test func aClaimOverOneHundredPercentStaysInTheBar() {
        #expect(ProgressMeter.bar(7) == "[" + String(repeating: "=", count: 24) + "]")
        #expect(ProgressMeter.bar(-1).count == 26)
        #expect(ProgressMeter.bar(.nan).count == 26)
        #expect(HumanText.percent(7) == "100 %")
    }
}
