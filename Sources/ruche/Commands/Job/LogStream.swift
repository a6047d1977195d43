import ArgumentParser

/// One of the two streams that a job writes.
enum LogStream: String, CaseIterable, ExpressibleByArgument {
    case stdout, stderr
}
