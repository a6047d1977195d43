/// What `--json` prints of files that were copied.
struct Copied: Encodable {
    var files: Int
    var bytes: Int64
    var destination: String
}
