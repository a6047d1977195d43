/// The exit code of a program that a command ran for a person: passed on as it is, with nothing to say about it.
struct ProgramExit: Error {
    var code: Int32
}
