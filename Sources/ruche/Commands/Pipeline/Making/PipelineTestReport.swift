import Glibc
import RucheCore
import RucheWire

/// What a test of a pipeline found.
struct PipelineTestReport: Encodable, Sendable {
    struct Check: Encodable, Sendable {
        var name: String
        var passed: Bool
        /// What was found, when it did not pass or is worth telling.
        var detail: String?
    }

    var name: String
    var checks: [Check]
    var outputs: [JobFile]
    /// Each report of progress, in order.
    var progress: [String]
    var log: [String]
    var seconds: Double?

    var isSuccess: Bool { checks.allSatisfy(\.passed) }

    init(name: String, job: JobDocument, expected: [String], progress: [String], log: [String]) {
        self.name = name
        self.progress = progress
        self.log = log
        outputs = job.outputs
        seconds = job.startedAt.flatMap { start in job.endedAt.map { Double($0 - start) / 1000 } }
        checks = [
            Check(name: "the job ends with 0", passed: job.state == .succeeded, detail: job.exit?.summary),
            Check(
                name: "it writes outputs", passed: !job.outputs.isEmpty,
                detail: job.outputs.isEmpty ? "the folder of outputs is empty" : "\(job.outputs.count)"),
        ]
        checks += expected.map { pattern in
            let found = job.outputs.filter { fnmatch(pattern, $0.path, FNM_PATHNAME) == 0 }.map(\.path)
            return Check(
                name: "output \(pattern)", passed: !found.isEmpty,
                detail: found.isEmpty ? "there is none" : found.joined(separator: ", "))
        }
        checks += job.warnings.map { Check(name: "no warning", passed: false, detail: $0) }
    }

    /// The report as JUnit XML, as continuous integration reads it.
    var junit: String {
        let failures = checks.count { !$0.passed }
        let cases = checks.map { check in
            let head = "  <testcase classname=\"pipeline.\(Self.escape(name))\" name=\"\(Self.escape(check.name))\""
            guard !check.passed else { return head + "/>\n" }
            return head + ">\n    <failure message=\"\(Self.escape(check.detail ?? "failed"))\"/>\n  </testcase>\n"
        }
        let time = seconds.map { " time=\"\($0)\"" } ?? ""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuite name="\(Self.escape(name))" tests="\(checks.count)" failures="\(failures)"\(time)>
            \(cases.joined())  <system-out>\(Self.escape(log.joined(separator: "\n")))</system-out>
            </testsuite>

            """
    }

    /// XML 1.0 has no way to write most control characters: they are left out.
    private static func escape(_ text: String) -> String {
        let clean = String(text.unicodeScalars.filter { $0.value >= 32 || $0 == "\n" || $0 == "\t" })
        return clean.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
