import Foundation
package import RucheCore

extension JSONValue {
    /// The JSON of any value.
    package init(encoding value: some Encodable) throws {
        self = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(value))
    }
}
