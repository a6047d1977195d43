/// Marks what the reader of a stream threw, so that it is not taken for a failure of the connection.
struct ReaderFailure: Error {
    let error: any Error
}
