package import Hummingbird
package import RucheService
import RucheWire

extension Response {
    /// `202` with `Location`: the work was started, and this is where to watch it.
    package static func accepted(_ record: OperationRecord) throws -> Response {
        try .json(
            OperationDocument(record: record), status: .accepted,
            headers: [.location: "/api/v1/operations/\(record.id)"])
    }
}
