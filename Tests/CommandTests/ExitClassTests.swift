import ArgumentParser
import RucheCore
import Testing

@testable import ruche

@Suite struct ExitClassTests {
    private static let table: [(ErrorCode, Int32)] = [
        (.internalError, 1), (.invalidInput, 2), (.invalidRecipe, 2), (.invalidForm, 2), (.invalidReference, 2),
        (.invalidArchive, 2), (.notFound, 3), (.conflict, 4), (.immutable, 4), (.inUse, 4), (.invalidState, 4),
        (.buildFailed, 5), (.testFailed, 6), (.jobFailed, 7), (.cancelled, 8), (.missingTool, 9), (.notPermitted, 9),
        (.engineUnavailable, 9), (.networkUnavailable, 10), (.serverUnavailable, 10), (.diskFull, 11),
        (.corruptContent, 12), (.timedOut, 13), (.unauthorized, 14), (.forbidden, 14),
    ]

    @Test(arguments: table)
    func mapsEveryCode(_ code: ErrorCode, _ status: Int32) {
        #expect(ExitClass(RucheError(code, "x")).rawValue == status)
    }

    @Test func takesACodeOfANewerServerForAnInternalError() {
        #expect(ExitClass(ErrorCode(rawValue: "from_the_future")) == .internalError)
    }

    @Test func knowsErrorsOfOtherKinds() {
        struct Odd: Error {}
        #expect(ExitClass(CancellationError()) == .cancelled)
        #expect(ExitClass(ExitCode(2)) == .badInput)
        #expect(ExitClass(Odd()) == .internalError)
    }

    @Test func reportsEveryProblemOnALineOfItsOwn() {
        let captured = Captured()
        let problem = Problem(file: "ruche.yaml", line: 3, column: 5, path: "steps[0].apt", message: "is empty")
        ErrorReport.write(
            RucheError(.invalidRecipe, "the recipe has 1 problem", problems: [problem]),
            to: CommandFixture.output(captured))
        #expect(captured.progress == "error: the recipe has 1 problem\n  ruche.yaml:3:5: steps[0].apt: is empty\n")
        #expect(captured.results.isEmpty)
    }

    @Test func reportsAsAProblemDocumentForPrograms() throws {
        let captured = Captured()
        ErrorReport.write(RucheError(.notFound, "there is no x"), to: CommandFixture.output(captured, .json))
        #expect(captured.progress.contains(#""code":"not_found""#))
        #expect(captured.progress.split(separator: "\n").count == 1)
    }
}
