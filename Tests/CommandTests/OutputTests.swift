import RucheCore
import RucheWire
import Synchronization
import Testing

@testable import ruche

@Suite struct OutputTests {
    private static let summaries: [ReleaseSummaryDocument] = {
        guard let name = EnvironmentName("lab/vc"), let version = ReleaseVersion("1.0.0"),
            let digest = Digest(hex: String(repeating: "ab", count: 32))
        else { return [] }
        return [
            ReleaseSummaryDocument(
                name: name, version: version, digest: digest, tags: ["stable"], size: 1536 << 20,
                variants: ["oci", "lxd"],
                isPipeline: true, publishedAt: CommandFixture.now - 7_200_000)
        ]
    }()

    @Test func alignsATable() throws {
        let captured = Captured()
        try CommandFixture.output(captured).list(Self.summaries, now: CommandFixture.now)
        #expect(
            captured.results == """
                NAME    VERSION  TAGS       SIZE  VARIANTS  PUBLISHED    DIGEST
                lab/vc  1.0.0    stable  1.5 GiB  oci,lxd   2 hours ago  abababababab

                """)
    }

    @Test func printsIdentifiersOnlyWhenQuietAndDocumentsAsJSON() throws {
        let quiet = Captured()
        try CommandFixture.output(quiet, .quiet).list(Self.summaries, now: 0)
        #expect(quiet.results == "lab/vc:1.0.0\n")
        let json = Captured()
        let output = CommandFixture.output(json, .json)
        try output.list(Self.summaries, now: 0)
        output.line("for people")
        #expect(json.results.hasPrefix("["))
        #expect(json.results.contains(#""isPipeline" : true"#))
        #expect(!json.results.contains("for people"))
    }

    @Test func writesNoColourWhereThereIsNoTerminal() {
        let captured = Captured()
        CommandFixture.output(captured).line("x", .red)
        #expect(captured.results == "x\n")
        #expect(StyledLine("x", .red).render(width: 10, colour: true) == "\u{1B}[31mx\u{1B}[0m")
    }

    @Test func letsNoEscapeSequenceOfOthersReachTheTerminal() {
        #expect(Sanitized.line("a\u{1B}[2Jb\u{7}\r\u{9B}31mc\u{202E}d\te") == "a[2Jb31mcd e")
        #expect(StyledLine("\u{1B}[2J").render(width: 99, colour: true) == "[2J")
    }

    @Test func cutsLinesToTheTerminal() {
        var line = StyledLine("abc", .red)
        line.append("defgh")
        #expect(line.render(width: 5, colour: false) == "abcde")
        #expect(line.render(width: 2, colour: true) == "\u{1B}[31mab\u{1B}[0m")
    }

    @Test(arguments: [
        (0.04, "0.0 s"), (9.95, "10.0 s"), (12.4, "12 s"), (185, "3 min 05 s"), (7800, "2 h 10 min"), (-1, "?"),
        (.infinity, "?"),
    ])
    func writesDurations(_ seconds: Double, _ text: String) { #expect(HumanText.duration(seconds) == text) }

    @Test(arguments: [
        (5_000, "just now"), (59_000, "59 seconds ago"), (60_000, "1 minute ago"), (7_200_000, "2 hours ago"),
        (-60_000, "in the future"), (31 * 86_400_000, "2023-10-14"),
    ])
    func writesTimesAgo(_ age: Int64, _ text: String) {
        #expect(HumanText.ago(CommandFixture.now - age, now: CommandFixture.now) == text)
    }

    @Test func showsRateAndRemainingTime() {
        var resumed = ProgressMeter(label: "sending x", unit: .bytes, total: 100 << 20)
        (resumed.before, resumed.done) = (80 << 20, 90 << 20)
        // Ten of the last twenty in ten seconds: ten more.
        let rest = resumed.line(elapsed: 10).plain
        #expect(rest.contains("1 MiB/s") && rest.contains("10 s left"), "\(rest)")
        var meter = ProgressMeter(label: "sending x", unit: .bytes, total: 100 << 20)
        meter.done = 25 << 20
        #expect(
            meter.line(elapsed: 5).plain
                == "sending x [======>                 ] 25 %  25 MiB of 100 MiB  5 MiB/s  15 s left")
        meter.total = nil
        #expect(meter.line(elapsed: 5).plain == "sending x 25 MiB  5 MiB/s  5.0 s")
    }

    @Test func redrawsInPlaceAndKeepsInsertedLines() {
        let captured = Captured()
        let terminal = TerminalTraits(isLive: true, colour: false, width: 80, height: 24)
        let region = LiveRegion(terminal: terminal) { captured.addProgress($0) }
        region.show([StyledLine("a"), StyledLine("b")])
        region.show([StyledLine("a"), StyledLine("b")])
        region.insert(StyledLine("log"))
        region.finish([StyledLine("done")])
        region.show([StyledLine("late")])
        #expect(
            captured.progress
                == "a\nb\n\u{1B}[2A\r\u{1B}[Jlog\na\nb\n\u{1B}[2A\r\u{1B}[Jdone\n")
    }
}
