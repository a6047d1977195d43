import RucheCore
import Yams

/// Another site, as the configuration names it: an address, or a mapping with `url` and `token_file`.
struct SiteSettings: Hashable, Sendable {
    var url: String
    var tokenFile: String?

    /// Reads what is under `sites`. `problem` makes a finding of a node, its key path and a message.
    static func parse(
        _ node: Node, _ problem: (Node, String, String) -> Problem
    ) -> (sites: [String: SiteSettings], problems: [Problem]) {
        guard case .mapping(let mapping) = node else {
            return ([:], [problem(node, "sites", "must be a mapping of names to addresses")])
        }
        var sites: [String: SiteSettings] = [:]
        var problems: [Problem] = []
        for (key, value) in mapping {
            let name = key.scalar?.string ?? ""
            let path = "sites.\(name)"
            guard name.wholeMatch(of: /[A-Za-z0-9][A-Za-z0-9_-]{0,63}/) != nil else {
                problems.append(problem(key, path, "a site's name has letters, digits, _ and - only"))
                continue
            }
            if let url = value.scalar?.string, !url.isEmpty {
                sites[name] = SiteSettings(url: url)
            } else if case .mapping(let members) = value, let url = members["url"]?.scalar?.string {
                sites[name] = SiteSettings(url: url, tokenFile: members["token_file"]?.scalar?.string)
                for (member, _) in members where !["url", "token_file"].contains(member.scalar?.string ?? "") {
                    problems.append(problem(member, "\(path).\(member.scalar?.string ?? "")", "is no key of a site"))
                }
            } else {
                problems.append(problem(value, path, "must be an address, or have \"url\" and \"token_file\""))
            }
        }
        return (sites, problems)
    }
}
