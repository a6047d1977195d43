import Foundation
import RucheCore
import Testing

@Suite struct RetryPolicyTests {
    @Test(arguments: [
        ("engine_lost", JobExit(reason: .engineFailure), true),
        ("engine_lost", JobExit(reason: .exited, code: 1), false),
        ("out_of_memory", JobExit(reason: .outOfMemory, code: 137), true),
        ("75", JobExit(reason: .exited, code: 75), true),
        ("75", JobExit(reason: .exited, code: 0), false), ("137", JobExit(reason: .outOfMemory, code: 137), false),
        ("timed_out", JobExit(reason: .timedOut), true), ("disk_limit", JobExit(reason: .diskLimit), true),
        ("signalled", JobExit(reason: .signalled, code: 139), true),
        ("signalled", JobExit(reason: .cancelled, code: 143), false),
    ])
    func aCauseIsOneWayToFail(cause: String, exit: JobExit, isRetried: Bool) throws {
        let policy = RetryPolicy(count: 1, on: [try #require(RetryCause(cause))], backoff: 5)
        #expect((policy.delay(after: exit, attempts: 1) != nil) == isRetried)
    }

    @Test func theWaitDoublesAndTheCountIsKept() {
        let policy = RetryPolicy(count: 12, backoff: 10)
        let lost = JobExit(reason: .engineFailure)
        #expect((1...4).map { policy.delay(after: lost, attempts: $0) } == [10, 20, 40, 80])
        #expect(policy.delay(after: lost, attempts: 12) == 3600)
        #expect(policy.delay(after: lost, attempts: 13) == nil)
        #expect(RetryPolicy(count: 2, backoff: 7200).delay(after: lost, attempts: 2) == 7200)
        #expect(RetryPolicy(count: 0).delay(after: lost, attempts: 1) == nil)
    }

    @Test func wordsAndCodesAreReadAndWritten() throws {
        let text = #"{"count":3,"on":["engine_lost",75,"137"]}"#
        let policy = try JSONDecoder().decode(RetryPolicy.self, from: Data(text.utf8))
        #expect(policy == RetryPolicy(count: 3, on: [.engineLost, .code(75), .code(137)], backoff: 10))
        #expect(try JSONDecoder().decode(RetryPolicy.self, from: JSONEncoder().encode(policy)) == policy)
        #expect(throws: DecodingError.self) {
            try JSONDecoder().decode(RetryPolicy.self, from: Data(#"{"count":3,"on":["anything"]}"#.utf8))
        }
        #expect(policy.problems.isEmpty)
        #expect(
            RetryPolicy(count: -1, on: [], backoff: 100_000).problems.map(\.path) == [
                "retry.count", "retry.backoff", "retry.on",
            ])
    }
}
