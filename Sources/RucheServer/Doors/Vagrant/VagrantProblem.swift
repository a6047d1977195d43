import HTTPTypes
import Hummingbird
import NIOCore
import RucheCore
import RucheWire

/// An error as `vagrant` shows it: the texts, joined.
struct VagrantProblem {
    let report: ErrorReport

    func response() -> Response {
        let document = report.document
        let texts = [document.detail] + document.errors.map { "\($0.path): \($0.message)" }
        var headers = report.headers
        headers[.contentType] = "application/json"
        headers[.cacheControl] = "no-store"
        let body = (try? JSONCoding.encode(Vagrant.ErrorDocument(errors: texts))) ?? ByteBuffer()
        let status: HTTPResponse.Status = document.code == .quotaExceeded ? .forbidden : .init(code: document.status)
        return Response(status: status, headers: headers, body: .init(byteBuffer: body))
    }
}
