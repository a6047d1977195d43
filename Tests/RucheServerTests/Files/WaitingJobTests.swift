import HTTPTypes
import Hummingbird
import HummingbirdTesting
import RucheCore
import RucheServer
import RucheService
import RucheWire
import Support
import Testing

@Suite struct WaitingJobTests {
    private func with(_ body: (JobFixture) async throws -> Void) async throws {
        try await Scratch.with { folder in
            let fixture = try await JobFixture(folder)
            let jobs = fixture.jobs
            await fixture.uploads.observe { await jobs.uploadEnded($0) }
            try await body(fixture)
        }
    }

    private func begin(_ fixture: JobFixture) async throws -> Identifier {
        try await fixture.uploads.create(
            UploadRequest(owner: .local, length: 5, metadata: try UploadMetadata(""))
        ).id
    }

    private func submit(_ fixture: JobFixture, _ input: String) async throws -> JobDocument {
        let response = try await fixture.harness.call(
            .post, "/api/v1/jobs",
            body: #"{"release":"lab/test","inputs":[\#(input)],"parameters":{"n":2}}"#)
        #expect(response.status == .created, "\(String(buffer: response.body))")
        return try JSONCoding.decode(JobDocument.self, from: response.body)
    }

    @Test func aJobIsQueuedWhenItsInputIsWhole() async throws {
        try await with { fixture in
            let upload = try await begin(fixture)
            let job = try await submit(fixture, #"{"name":"x","upload":"\#(upload)"}"#)
            #expect(try await fixture.jobs.job(job.id).waitsFor == [upload])
            let writer = try await fixture.uploads.begin(upload, at: 0, checksum: nil)
            try Array("hello".utf8).withUnsafeBytes { try writer.write($0) }
            let done = try await fixture.uploads.finish(writer, isWhole: true)
            let record = try await fixture.jobs.job(job.id)
            #expect(record.waitsFor == nil && record.inputs.first?.file == done.digest)
            #expect(record.inputs.first?.size == 5)
        }
    }

    @Test func aJobFailsWhenItsUploadIsEnded() async throws {
        try await with { fixture in
            let upload = try await begin(fixture)
            let job = try await submit(fixture, #"{"name":"x","upload":"\#(upload)"}"#)
            try await fixture.uploads.terminate(upload)
            let record = try await fixture.jobs.job(job.id)
            #expect(record.state == .finalizing)
            #expect(record.exit?.message?.contains("\(upload)") == true)
        }
    }

    @Test func aFileBringsItsCompanions() async throws {
        try await with { fixture in
            var files: [FileDocument] = []
            for name in ["a.bam", "a.bam.bai"] {
                let response = try await fixture.harness.call(.post, "/api/v1/files?name=\(name)", body: name)
                files.append(try JSONCoding.decode(FileDocument.self, from: response.body))
            }
            let path = "/api/v1/files/\(files[0].id)"
            let changed = try await fixture.harness.call(.patch, path, body: #"{"companions":["\#(files[1].id)"]}"#)
            #expect(try JSONCoding.decode(FileDocument.self, from: changed.body).companions == [files[1].id])
            let input = #"{"name":"a.bam","id":"\#(files[0].id)"}"#
            let job = try await submit(fixture, input)
            #expect(job.inputs.map(\.path) == ["a.bam", "a.bam.bai"])
            let clash = try await fixture.harness.problem(
                .post, "/api/v1/jobs",
                body:
                    #"{"release":"lab/test","inputs":[{"name":"a.bam.bai","file":"\#(files[0].digest)"},\#(input)],"parameters":{"n":2}}"#
            )
            #expect(clash.errors.map(\.message) == ["a companion has the name of another input"])
            let itself = try await fixture.harness.problem(.patch, path, body: #"{"companions":["\#(files[0].id)"]}"#)
            #expect(itself.code == .invalidInput)
        }
    }
}
