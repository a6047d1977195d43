import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Progress posted from inside a job's container, with Debian's curl over the job's socket.
@Suite struct NotifyTests {
    /// Writes a line `NAME STATUS` for each request. Waits between posts, because events of progress are spaced.
    private static let script = """
        #!/bin/sh
        inputs=/pipeline/inputs
        # The other job: it only waits.
        [ -f $inputs/other-token ] || exec sleep 600
        ask() {
            name=$1; shift
            status=$(curl -sS -o /tmp/answer -w '%{http_code}' --unix-socket "$RUCHE_NOTIFY_SOCKET" "$@") || status=failed
            echo "$name $status" >>/pipeline/outputs/answers
        }
        own() { name=$1; shift; ask "$name" -H "Authorization: Bearer $(cat "$RUCHE_TOKEN_FILE")" "$@"; sleep 0.3; }
        # Without the configuration that gives curl the job's own token.
        unset CURL_HOME
        base=${NOTIFY_URL%/jobs/*}
        other=$base/jobs/$(cat $inputs/other-id)
        own form -d '{"progress_value": 0.1, "progress_label": "one"}' "$NOTIFY_URL"
        own json -H 'Content-Type: application/json' -d '{"progress_value": "0.2"}' "$NOTIFY_URL"
        own range -d '{"progress": {"min": "0", "max": 50, "value": 15, "label": "three"}}' "$NOTIFY_URL"
        own output -d '{"output": {"filename": "a.vcf"}}' "$NOTIFY_URL"
        own status -d '{"status": "done", "progress_value": 0.4}' "$PIRUS_NOTIFY_URL"
        own foreign -d '{"state": "succeeded", "name": "x", "exit": {"code": 0}, "outputs": []}' "$NOTIFY_URL"
        own nonsense -d 'progress=1' "$NOTIFY_URL"
        head -c 100000 /dev/zero | tr '\\0' ' ' >/tmp/large
        own large --data-binary @/tmp/large "$NOTIFY_URL"
        ask none -d '{"progress_value": 0.9}' "$NOTIFY_URL"
        ask wrong -H 'Authorization: Bearer 0000' -d '{"progress_value": 0.9}' "$NOTIFY_URL"
        ask borrowed -H "Authorization: Bearer $(cat $inputs/other-token)" -d '{"progress_value": 0.9}' "$NOTIFY_URL"
        own stranger -d '{"progress_value": 0.9}' "$other/notify"
        own list "$base/jobs"
        own show "$base/jobs/$RUCHE_JOB"
        own cancel -X POST "$base/jobs/$RUCHE_JOB/cancel"
        own remove -X DELETE "$base/jobs/$RUCHE_JOB"
        own put -X PUT -d '{}' "$NOTIFY_URL"
        own server "$base/server"
        own events "$base/events"
        own files -d x "$base/files?name=x"
        cat /pipeline/outputs/answers
        """

    private static let answers = [
        "form": "200", "json": "200", "range": "200", "output": "200", "status": "200", "foreign": "200",
        "nonsense": "400", "large": "413", "none": "401", "wrong": "401", "borrowed": "401", "stranger": "401",
        "list": "404", "show": "404", "cancel": "404", "remove": "404", "put": "405", "server": "404", "events": "404",
        "files": "404",
    ]

    private func build(_ fixture: RucheFixture) async throws {
        try fixture.write("curl/job/run.sh", Self.script, executable: true)
        try fixture.write(
            "curl/ruche.yaml",
            """
            ruche: 1
            name: test/curl
            version: 1.0.0
            from: debian:bookworm
            steps:
              - apt: [curl]
              - copy: {from: job/, to: /pipeline/job, mode: "0755"}
              - shell: mkdir -p /pipeline/inputs /pipeline/outputs /pipeline/logs /pipeline/db
            pipeline:
              job: /pipeline/job/run.sh

            """)
        try await fixture.ruche("build", fixture.folder.appending("curl").string)
    }

    @Test func aJobPostsItsProgressAndNothingElse() async throws {
        try await RucheFixture.withDemo { fixture in
            try await build(fixture)
            let other = try await fixture.ruche("run", "test/curl", "--detach", "--quiet").output.filter {
                !$0.isWhitespace
            }
            let token = fixture.data.appending("jobs/\(other)/token")
            #expect(try AtomicFile.read(token).count == 64)
            try await fixture.tool("cp", token.string, fixture.folder.appending("other-token").string)
            let id = try fixture.write("other-id", other)
            let result = try await fixture.ruche(
                "run", "test/curl", "--json", "--input", fixture.folder.appending("other-token").string, id.string)
            let job = try JSONText.lastLine(JobDocument.self, result.output)
            #expect(job.state == .succeeded && job.name == nil)
            #expect(job.progress == 0.4 && job.progressLabel == "three")
            let text = try AtomicFile.read(fixture.data.appending("jobs/\(job.id)/outputs/answers"))
            var answers: [String: String] = [:]
            for line in String(decoding: text, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ")
                answers[String(words[0])] = String(words[1])
            }
            #expect(answers == Self.answers)
            try await checkEvents(result.output)
            let untouched = try await fixture.job(other)
            #expect(untouched.state == .running && untouched.progress == nil)
            try await fixture.cancel(other)
        }
    }

    @Test func anImageWithoutCurlIsTaughtNothing() async throws {
        try await RucheFixture.with { fixture in
            try await fixture.buildBusybox(job: "env >/pipeline/outputs/env; ls -d /run/* >/pipeline/outputs/run")
            let job = try await fixture.ruche("run", "test/tiny", "-o", "out", "--quiet").output
                .filter { !$0.isWhitespace }
            let text = String(decoding: try AtomicFile.read(fixture.folder.appending("out/env")), as: UTF8.self)
            #expect(!text.contains("CURL_HOME") && text.contains("RUCHE_NOTIFY_SOCKET="))
            let run = String(decoding: try AtomicFile.read(fixture.folder.appending("out/run")), as: UTF8.self)
            #expect(run == "/run/ruche\n")
            #expect(!FileTree.exists(fixture.data.appending("jobs/\(job)/curlrc")))
        }
    }

    /// Each of the posts was told, in order.
    private func checkEvents(_ lines: String) async throws {
        let told = lines.split(separator: "\n").filter { $0.contains("\"job.progressed\"") }
        for (number, part) in [
            "\"progress\":0.1", "\"progress\":0.2", "\"progress\":0.3", "\"output\":\"a.vcf\"",
            "\"claimedStatus\":\"done\"",
        ].enumerated() {
            #expect(told.count > number && told[number].contains(part), "\(part) in \(told)")
        }
    }
}
