import Glibc
import RucheCore
import RucheEngines
import RucheHost
import RucheService
import Support
import SystemPackage
import Testing

@Suite struct JobQueueingTests {
    private static func submission(_ change: (inout JobSubmission) -> Void = { _ in }) -> JobSubmission {
        var submission = JobSubmission(release: "lab/test")
        change(&submission)
        return submission
    }

    @Test func manyJobsStartInTheirOrder() async throws {
        let order = Collected<String>()
        try await JobSite.with({ spec, _ in
            order.add(spec.id)
            return ContainerExit(code: 0)
        }) { site, _ in
            let ids = try await site.serve({ $0.slots = 1 }) { jobs in
                var ids: [Identifier] = []
                for _ in 0..<100 { ids.append(try await jobs.submit(Self.submission()).id) }
                for id in ids { #expect(try await jobs.end(of: id).state == .succeeded) }
                return ids
            }
            #expect(order.all == ids.sorted().map { "ruche-\($0)" })
        }
    }

    @Test func aJobComesAfterOthersAndFailsWithThem() async throws {
        try await JobSite.with({ spec, container in
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: spec.sandbox.limits.processes == 7 ? 1 : 0)
        }) { site, engine in
            try await site.serve({ $0.slots = 4 }) { jobs in
                let first = try await jobs.submit(Self.submission { $0.limits = ResourceLimits(processes: 7) }).id
                let second = try await jobs.submit(Self.submission { $0.after = [first] }).id
                let third = try await jobs.submit(Self.submission { $0.after = [second] }).id
                #expect(try await jobs.reached(.running, first))
                #expect(await jobs.place(second).waiting == .dependency)
                let container = try #require(await engine.container("ruche-\(first)"))
                await container.receive(SIGTERM)
                let failed = try await jobs.end(of: third)
                #expect(failed.state == .failed)
                #expect(failed.exit?.reason == .dependencyFailed)
                #expect(failed.exit?.message?.contains(second.description) == true)
                #expect(try await jobs.job(second).exit?.message?.contains(first.description) == true)
                let error = await #expect(throws: RucheError.self) {
                    try await jobs.submit(Self.submission { $0.after = [first] })
                }
                #expect(error?.problems.map(\.path) == ["after[0]"])
            }
        }
    }

    @Test func whatIsWrongWithTheQueueingIsSaidAtOnce() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, _ in
            try await site.serve({ $0.capacities = ["fake": EngineCapacity(total: QueueLimits(slots: 1, cpus: 2))] }) {
                jobs in
                let unknown = try #require(Identifier("01hxyzabcdefghjkmnpqrstvwx"))
                let error = await #expect(throws: RucheError.self) {
                    try await jobs.submit(
                        Self.submission {
                            $0.after = [unknown]
                            $0.priority = 101
                            $0.retry = RetryPolicy(count: 99)
                            $0.limits = ResourceLimits(cpus: 3)
                        })
                }
                #expect(error?.code == .invalidInput)
                #expect(
                    Set(error?.problems.map(\.path) ?? []) == ["after[0]", "priority", "retry.count", "limits.cpus"])
            }
        }
    }

    @Test func aFailedAttemptIsSetAsideAndFollowedByAnother() async throws {
        let runs = Collected<String>()
        try await JobSite.with({ spec, _ in
            runs.add(spec.id)
            let outputs = try #require(spec.folder("/pipeline/outputs"))
            let isFirst = try FileTree.names(in: outputs).isEmpty && runs.all.count < 3
            try AtomicFile.write(Array("\(runs.all.count)".utf8), to: outputs.appending("number"))
            return ContainerExit(code: isFirst ? 75 : 0)
        }) { site, engine in
            let record = try await site.serve { jobs in
                let retry = RetryPolicy(count: 3, on: [.code(75)], backoff: 0)
                return try await jobs.end(of: jobs.submit(Self.submission { $0.retry = retry }).id)
            }
            #expect(record.state == .succeeded)
            #expect(record.attempts?.map(\.number) == [1, 2])
            #expect(record.attempts?.allSatisfy { $0.exit.code == 75 } == true)
            #expect(runs.all == ["ruche-\(record.id)", "ruche-\(record.id)-2", "ruche-\(record.id)-3"])
            let folder = JobFolder(data: site.data, id: record.id)
            func number(_ path: String) throws -> String {
                String(decoding: try AtomicFile.read(folder.root.appending(path)), as: UTF8.self)
            }
            #expect(try number("attempts/1/outputs/number") == "1")
            #expect(try number("attempts/2/outputs/number") == "2")
            #expect(try number("outputs/number") == "3")
            #expect(record.outputs.map(\.path) == ["number"])
            #expect(try await engine.list().isEmpty)
            let kinds = try await site.kinds()
            #expect(kinds.filter { $0 == "job.retrying" }.count == 2)
            #expect(kinds.filter { $0 == "job.ended" }.count == 1)
        }
    }

    @Test func theLastAttemptIsTheJobsEnd() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 9) }) { site, _ in
            let record = try await site.serve { jobs in
                let retry = RetryPolicy(count: 1, on: [.code(9)], backoff: 0)
                return try await jobs.end(of: jobs.submit(Self.submission { $0.retry = retry }).id)
            }
            #expect(record.state == .failed)
            #expect(record.exit?.code == 9)
            #expect(record.attempts?.count == 1)
        }
    }

    @Test(arguments: [false, true]) func jobsOfAnEngineThatIsAwayWaitAndGoOn(leaves: Bool) async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            try await site.serve({ $0.engineProbe = .milliseconds(10) }) { jobs in
                let probe = try await jobs.submit(Self.submission()).id
                #expect(try await jobs.end(of: probe).state == .succeeded)
                await engine.goAway(leavingContainers: leaves)
                let id = try await jobs.submit(Self.submission()).id
                #expect(try await eventually { await jobs.place(id).waiting == .engine })
                #expect(try await jobs.job(id).state == .queued)
                await engine.comeBack()
                #expect(try await jobs.end(of: id).state == .succeeded)
            }
        }
    }

    @Test func nobodyWaitsForAnEngineForEver() async throws {
        try await JobSite.with({ _, _ in ContainerExit(code: 0) }) { site, engine in
            try await site.serve({
                $0.engineProbe = .milliseconds(10)
                $0.engineWait = .milliseconds(30)
            }) { jobs in
                let probe = try await jobs.submit(Self.submission()).id
                #expect(try await jobs.end(of: probe).state == .succeeded)
                await engine.goAway()
                let record = try await jobs.end(of: jobs.submit(Self.submission()).id)
                #expect(record.state == .failed)
                #expect(record.exit?.reason == .engineFailure)
                #expect(record.exit?.message?.contains("not ready") == true)
            }
        }
    }

    @Test func thePriorityOfAWaitingJobMayChange() async throws {
        let order = Collected<String>()
        try await JobSite.with({ spec, container in
            order.add(spec.id)
            try await container.wait(for: SIGTERM)
            return ContainerExit(code: 0)
        }) { site, engine in
            try await site.serve({ $0.slots = 1 }) { jobs in
                var ids: [Identifier] = []
                for _ in 0..<3 { ids.append(try await jobs.submit(Self.submission()).id) }
                let (first, last) = (ids[0], ids[2])
                #expect(try await jobs.reached(.running, first))
                #expect(try await jobs.setPriority(last, 5).priority == 5)
                #expect(await jobs.place(last) == JobPlace(waiting: .slot, position: 1))
                #expect(await jobs.queueOrder().map(\.id) == [first, last, ids[1]])
                let error = await #expect(throws: RucheError.self) { try await jobs.setPriority(first, 1) }
                #expect(error?.code == .invalidState)
                _ = try await jobs.cancel(first)
                #expect(try await jobs.reached(.running, last))
                for id in ids { _ = try await jobs.cancel(id) }
                for id in ids { #expect(try await jobs.end(of: id).state == .cancelled) }
            }
        }
    }

    @Test func orderAttemptsAndDependenciesSurviveTheProcess() async throws {
        let order = Collected<String>()
        try await JobSite.with({ spec, container in
            order.add(spec.id)
            if order.all.count == 1 { try await container.wait(for: SIGTERM) }
            return ContainerExit(code: 0)
        }) { site, engine in
            let ids = try await site.serve({ $0.slots = 1 }) { jobs in
                let first = try await jobs.submit(Self.submission()).id
                let later = try await jobs.submit(Self.submission { $0.after = [first] }).id
                let plain = try await jobs.submit(Self.submission()).id
                let urgent = try await jobs.submit(Self.submission { $0.priority = 9 }).id
                #expect(try await jobs.reached(.running, first))
                return [first, urgent, later, plain]
            }
            try await site.serve({ $0.slots = 1 }) { jobs in
                let isHeld = try await eventually { await jobs.place(ids[2]).waiting == .dependency }
                #expect(isHeld)
                #expect(await jobs.place(ids[1]).position == 1)
                await engine.container("ruche-\(ids[0])")?.receive(SIGTERM)
                for id in ids {
                    let record = try await jobs.end(of: id)
                    #expect(record.state == .succeeded)
                }
            }
            #expect(order.all == ids.map { "ruche-\($0)" })
        }
    }
}
