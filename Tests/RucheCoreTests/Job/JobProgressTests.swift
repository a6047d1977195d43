import RucheCore
import Testing

@Suite struct JobProgressTests {
    @Test(
        arguments: [
            (["progress_value": 0.5, "progress_label": "half", "status": "running"] as JSONValue, 0.5, "half"),
            (["progress_value": "0.25"], 0.25, nil), (["progress_value": 7], 1, nil), (["progress_value": -1], 0, nil),
            (["progress": ["min": "0", "max": "8", "value": "2", "label": "map"]], 0.25, "map"),
            (["progress": ["min": 10, "max": 20, "value": 15]], 0.5, nil),
            (["progress": ["min": 1, "max": 1, "value": 1]], nil, nil),
        ] as [(JSONValue, Double?, String?)])
    func everyPayloadStyleIsRead(_ payload: JSONValue, _ value: Double?, _ label: String?) {
        let progress = JobProgress(payload: payload)
        #expect(progress?.value == value)
        #expect(progress?.label == label)
    }

    @Test(arguments: [[], "x", 1, .null, ["name": "x", "path": "/etc"], ["progress_value": "nan"]] as [JSONValue])
    func otherPayloadsTellNothing(_ payload: JSONValue) { #expect(JobProgress(payload: payload) == nil) }

    @Test func outputsAndClaimsAreKeptApart() {
        #expect(JobProgress(payload: ["output": ["filename": "a.vcf"]])?.announcedOutput == "a.vcf")
        #expect(JobProgress(payload: ["status": "done"])?.claimedStatus == "done")
    }

    @Test func markerLinesAreReadAndOthersAreNot() {
        #expect(JobProgress(line: "::ruche::progress 0.4 calling variants")?.label == "calling variants")
        #expect(JobProgress(line: "::ruche::progress 1")?.value == 1)
        #expect(JobProgress(line: "::ruche::progress much") == nil)
        #expect(JobProgress(line: " ::ruche::progress 0.4") == nil)
    }

    @Test func labelsHaveNoControlCharactersAndAnEnd() {
        let label = JobProgress(line: "::ruche::progress 0.1 a\u{1b}[2Jb" + String(repeating: "c", count: 999))?.label
        #expect(label?.hasPrefix("a[2Jb") == true)
        #expect(label?.count == 200)
    }
}
