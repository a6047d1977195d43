/// Names of instances: each is the host name of its machine too.
package enum InstanceName {
    package static let rule = "1 to 63 lower-case letters, digits and \"-\", not at its ends"

    package static func isValid(_ text: String) -> Bool {
        (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
            && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 45 }
    }

    /// The first name made of an environment's that nobody has.
    package static func free(for environment: EnvironmentName, taken: Set<String>) -> String {
        let plain = environment.name.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        var base = String(plain.prefix(50))
        while base.hasSuffix("-") { base.removeLast() }
        guard taken.contains(base) else { return base }
        var number = 2
        while taken.contains("\(base)-\(number)") { number += 1 }
        return "\(base)-\(number)"
    }
}
