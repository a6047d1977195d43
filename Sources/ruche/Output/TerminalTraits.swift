import Glibc

/// What is behind a file descriptor that text is written to.
struct TerminalTraits: Hashable, Sendable {
    /// Lines can be redrawn in place.
    var isLive: Bool
    var colour: Bool
    var width: Int
    var height: Int

    static let plain = TerminalTraits(isLive: false, colour: false, width: .max, height: .max)

    /// `noColour` is the option; NO_COLOR (any non-empty value) and TERM=dumb are read from `environment`.
    static func of(descriptor: Int32, environment: ProcessEnvironment, noColour: Bool) -> TerminalTraits {
        guard isatty(descriptor) == 1 else { return .plain }
        let isDumb = environment["TERM"].map { $0 == "dumb" } ?? true
        let isColourless = noColour || environment["NO_COLOR"].map { !$0.isEmpty } ?? false
        var size = winsize()
        let isKnown = ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
        return TerminalTraits(
            isLive: !isDumb, colour: !isDumb && !isColourless, width: isKnown ? Int(size.ws_col) : 80,
            height: isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24)
    }
}
