import FoundationEssentials
import Testing

@testable import RucheEngines

/// Answers of LXD about what is only half there.
@Suite struct LXDAnswerTests {
    @Test func anInstanceInErrorHasNoConfiguration() throws {
        let text = #"{"name": "bee", "status": "Error", "config": null, "devices": null}"#
        let instance = try JSONDecoder().decode(LXDAPI.Instance.self, from: Data(text.utf8))
        #expect(instance.name == "bee" && instance.config == [:])
    }

    @Test func figuresThatCantBeToldAreLessThanZero() throws {
        let text = #"{"pid": 0, "processes": -1, "cpu": {"usage": -1}, "memory": {"usage": 0, "usage_peak": 0}}"#
        let state = try JSONDecoder().decode(LXDAPI.State.self, from: Data(text.utf8))
        #expect(state.cpu?.usage == -1 && state.processes == -1)
    }
}
