import RucheCore

/// `config.json` in a job's inputs: the superset that old and new packages read. It holds no secret.
struct JobConfigurationFile: Encodable {
    struct Site: Encodable {
        var notify_url: String
        var job_name: String
    }

    /// The same values under the three names that packages look for.
    var job: [String: JSONValue]
    var run: [String: JSONValue]
    var parameters: [String: JSONValue]
    var pirus: Site
    var regovar: Site

    init(_ record: JobRecord, notifyURL: String) {
        job = record.parameters
        run = record.parameters
        parameters = record.parameters
        pirus = Site(notify_url: notifyURL, job_name: record.name ?? record.id.description)
        regovar = pirus
    }
}
