import RucheCore

/// Where a page of hits ended: the sort, and the key of the last hit.
enum SearchCursor {
    static func encode(_ key: SearchPass.Key, _ sort: SearchSort) -> String {
        "\(sort.rawValue):\(key.tier):\(key.value):\(key.published):\(key.id):\(key.name)"
    }

    static func decode(_ text: String, _ sort: SearchSort) throws -> SearchPass.Key {
        guard
            let match = text.wholeMatch(
                of: /([a-z]+):([0-2]):(-?[0-9]{1,18}):(-?[0-9]{1,18}):([0-9]{1,18}):([^:]{1,300})/),
            SearchSort(rawValue: String(match.output.1)) == sort, let tier = Int(match.output.2),
            let value = Int64(match.output.3), let published = Int64(match.output.4), let id = Int(match.output.5)
        else {
            throw RucheError(
                .invalidInput, "\"\(text.prefix(80))\" is no cursor of this search: use \"next\" of a page")
        }
        return SearchPass.Key(
            tier: tier, value: value, published: published, name: String(match.output.6), id: id)
    }
}
