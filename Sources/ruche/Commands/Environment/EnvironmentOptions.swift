import ArgumentParser
import RucheCore
import RucheHost
import RucheWire
import SystemPackage

/// What may be said of an environment.
struct EnvironmentOptions: ParsableArguments {
    @Option(help: ArgumentHelp("One line that says what it is; an empty one takes it away.", valueName: "text"))
    var summary: String?

    @Option(help: ArgumentHelp("A file with a description in Markdown.", valueName: "file"))
    var description: String?

    @Option(help: ArgumentHelp("Its licence, an SPDX expression.", valueName: "licence"))
    var license: String?

    @Option(help: ArgumentHelp("A keyword; repeat for more. An empty one takes all away.", valueName: "word"))
    var keyword: [String] = []

    @Option(
        help: ArgumentHelp(
            "An author: a name, with an ORCID iD and <address> after it if there are; repeat for more. An empty one takes all away.",
            valueName: "author"))
    var author: [String] = []

    @Option(help: ArgumentHelp("The address of its page.", valueName: "url"))
    var homepage: String?

    @Flag(help: "Let anybody fetch its releases.")
    var `public` = false

    @Flag(help: "Let only those fetch its releases who may read the things of its owner.")
    var `private` = false

    func validate() throws {
        guard !(`public` && `private`) else { throw ValidationError("--public and --private exclude each other") }
    }

    /// What is asked for. Throws what reading the description's file does.
    func request(_ name: EnvironmentName?) throws -> EnvironmentRequest {
        var request = EnvironmentRequest(name: name)
        request.summary = summary
        request.license = license
        request.homepage = homepage
        if let description {
            do {
                let bytes = try AtomicFile.read(FilePath(description), limit: EnvironmentProfile.longestDescription)
                request.description = String(decoding: bytes, as: UTF8.self)
            } catch let error as Errno {
                throw RucheError.storage(error, "read", FilePath(description))
            }
        }
        if !keyword.isEmpty { request.keywords = keyword.filter { !$0.isEmpty } }
        if !author.isEmpty { request.authors = author.filter { !$0.isEmpty }.map(Self.author) }
        if `public` || `private` { request.visibility = `public` ? .public : .private }
        return request
    }

    /// `Ada Lovelace 0000-0002-1825-0097 <ada@example.org>`; the server checks what it got.
    private static func author(_ text: String) -> Recipe.Author {
        var author = Recipe.Author(name: "")
        var name: [Substring] = []
        for word in text.split(whereSeparator: \.isWhitespace) {
            if word.hasPrefix("<"), word.hasSuffix(">"), word.contains("@") {
                author.email = String(word.dropFirst().dropLast())
            } else if let match = word.wholeMatch(of: /\(?(?:https:\/\/orcid\.org\/)?([0-9]{4}(?:-[0-9X]{4}){3})\)?/) {
                author.orcid = String(match.output.1)
            } else {
                name.append(word)
            }
        }
        author.name = name.joined(separator: " ")
        return author
    }
}
