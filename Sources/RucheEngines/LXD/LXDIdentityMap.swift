import FoundationEssentials
import RucheCore

/// Which users of the machine a container's users are: the instance's `volatile.idmap.next`.
struct LXDIdentityMap: Hashable, Sendable {
    private struct Entry: Hashable, Decodable {
        var Isuid: Bool
        var Isgid: Bool
        var Hostid: UInt32
        var Nsid: UInt32
        var Maprange: UInt32
    }

    private let entries: [Entry]

    /// An instance without a map has the machine's own users.
    init(_ text: String?) throws {
        do { entries = try text.map { try JSONDecoder().decode([Entry].self, from: Data($0.utf8)) } ?? [] } catch {
            throw RucheError(.engineUnavailable, "the engine's map of users can't be read: \(error)", cause: error)
        }
    }

    /// True when the container's users are the machine's.
    var isIdentity: Bool { entries.isEmpty }

    func user(_ id: UInt32) throws -> UInt32 { try host(id, entries.filter(\.Isuid), "user") }
    func group(_ id: UInt32) throws -> UInt32 { try host(id, entries.filter(\.Isgid), "group") }

    private func host(_ id: UInt32, _ entries: [Entry], _ word: String) throws -> UInt32 {
        if isIdentity { return id }
        for entry in entries where id >= entry.Nsid && id - entry.Nsid < entry.Maprange {
            return entry.Hostid + (id - entry.Nsid)
        }
        throw RucheError(
            .invalidInput,
            "the engine's containers have no \(word) \(id): give root more in /etc/sub\(word.first ?? "u")id"
        )
    }
}
