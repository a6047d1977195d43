import Foundation
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import RucheStore
import Support
import Synchronization
import SystemPackage
import Testing

/// The database is lost, the folders of jobs are not.
@Suite struct JobRecordTests {
    private static let program: FakeEngine.Program = { spec, _ in
        let outputs = try #require(spec.folder("/pipeline/outputs"))
        try AtomicFile.write(Array("abc".utf8), to: outputs.appending("a.txt"))
        return ContainerExit(code: 0)
    }

    /// Runs two jobs and then forgets every row.
    private func lost(_ site: JobSite) async throws -> [JobRecord] {
        let path = try site.write("input", to: "in.txt")
        let records = try await site.serve { jobs in
            var records: [JobRecord] = []
            for name in ["one", "two"] {
                var submission = JobSubmission(release: "lab/test", inputs: [.init(name: "x.txt", path: path)])
                submission.name = name
                records.append(try await jobs.end(of: jobs.submit(submission).id))
            }
            return records
        }
        try await site.database.write { connection in
            for record in records { try JobRepository(connection).remove(record.id.description) }
        }
        return records
    }

    @Test func jobsComeBackFromTheirRecords() async throws {
        try await JobSite.with(Self.program) { site, _ in
            let before = try await lost(site)
            try await site.serve { jobs in
                // A start restores them; the row is there once the service answers.
                _ = try await eventually { try await jobs.jobs(limit: 10).count == 2 }
                for record in before {
                    let after = try await jobs.job(record.id)
                    #expect(after.state == record.state && after.exit == record.exit)
                    #expect(after.outputs == record.outputs && after.name == record.name)
                    #expect(after.inputs.map(\.digest) == record.inputs.map(\.digest))
                    #expect(try await jobs.outputFile(record.id, path: "a.txt").output.size == 3)
                    #expect(try await jobs.end(of: jobs.rerun(record.id).id).state == .succeeded)
                }
                #expect(try await jobs.restoreRecords() == JobRestoration(), "nothing is restored twice")
            }
        }
    }

    @Test func aDamagedRecordIsSetAsideAndNamed() async throws {
        try await JobSite.with(Self.program) { site, _ in
            let before = try await lost(site)
            let first = JobFolder(data: site.data, id: before[0].id)
            let second = JobFolder(data: site.data, id: before[1].id)
            // One is cut short, the other another job's.
            let text = try AtomicFile.read(first.record)
            try AtomicFile.write(Array(text.prefix(text.count / 2)), to: first.record)
            try AtomicFile.write(text, to: second.record)
            let jobs = JobService(configuration: site.configuration)
            let found = try await jobs.restoreRecords()
            #expect(found.jobs == 0)
            #expect(found.problems.count == 2)
            for folder in [first, second] {
                #expect(found.problems.contains { $0.contains(folder.record.string) })
                #expect(FileTree.exists(FilePath(folder.record.string + ".quarantined")))
                #expect(FileTree.exists(folder.outputs.appending("a.txt")))
            }
        }
    }
    @Test func aRerunKeepsPriorityAndRetryAndTheRecordTheAttempts() async throws {
        let failures = Mutex(1)
        let program: FakeEngine.Program = { _, _ in
            let fails = failures.withLock { left in
                defer { left = max(0, left - 1) }
                return left > 0
            }
            return ContainerExit(code: fails ? 3 : 0)
        }
        try await JobSite.with(program) { site, _ in
            try await site.serve { jobs in
                var submission = JobSubmission(release: "lab/test")
                submission.priority = 7
                submission.retry = RetryPolicy(count: 2, on: [.code(3)], backoff: 0)
                let first = try await jobs.end(of: jobs.submit(submission).id)
                #expect(first.state == .succeeded && first.attempts?.count == 1)
                let text = try AtomicFile.read(JobFolder(data: site.data, id: first.id).record)
                let record = try JSONDecoder().decode(RunRecord.self, from: Data(text))
                #expect(record.priority == 7 && record.retry == submission.retry)
                #expect(record.attempts == first.attempts)
                let again = try await jobs.end(of: jobs.rerun(first.id).id)
                #expect(again.priority == 7 && again.retry == submission.retry)
                let lower = try await jobs.end(of: jobs.rerun(first.id, mayRaise: false).id)
                #expect(lower.priority == 0 && lower.retry == submission.retry)
            }
        }
    }
}
