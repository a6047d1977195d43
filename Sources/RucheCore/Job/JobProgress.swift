/// One report of progress by a job, whichever of the three ways and of the payload styles it came by.
package struct JobProgress: Hashable, Sendable {
    /// 0…1.
    package var value: Double?
    package var label: String?
    /// The status word that the container claims. It never changes the job's state.
    package var claimedStatus: String?
    /// A file that the container announces as output.
    package var announcedOutput: String?

    private static let labelLimit = 200
    private static let marker = "::ruche::progress "

    package init(value: Double? = nil, label: String? = nil) {
        self.value = value
        self.label = label
    }

    package var isEmpty: Bool { value == nil && label == nil && claimedStatus == nil && announcedOutput == nil }

    /// Reads a payload in any style: `{progress_value, progress_label, status}`,
    /// `{"progress": {min, max, value, label}}`, `{"output": {filename}}`, numbers also as strings.
    /// Every other member is ignored. Nil when it holds nothing of these.
    package init?(payload: JSONValue) {
        guard case .object = payload else { return nil }
        value = Self.number(payload["progress_value"]).map(Self.clamped)
        label = Self.text(payload["progress_label"])
        claimedStatus = Self.text(payload["status"])
        announcedOutput = Self.text(payload["output"]?["filename"])
        if let range = payload["progress"], case .object = range {
            label = Self.text(range["label"]) ?? label
            if let current = Self.number(range["value"]) {
                let minimum = Self.number(range["min"]) ?? 0
                let maximum = Self.number(range["max"]) ?? 1
                if maximum > minimum { value = Self.clamped((current - minimum) / (maximum - minimum)) }
            }
        }
        if isEmpty { return nil }
    }

    /// Reads a marker line, `::ruche::progress <0..1> <label>`; nil for any other line.
    package init?(line: some StringProtocol) {
        guard line.hasPrefix(Self.marker) else { return nil }
        let words = line.dropFirst(Self.marker.count).split(separator: " ", maxSplits: 1)
        guard let word = words.first, let number = Double(word), number.isFinite else { return nil }
        value = Self.clamped(number)
        label = words.count > 1 ? Self.text(.string(String(words[1]))) : nil
    }

    private static func clamped(_ value: Double) -> Double { min(max(value, 0), 1) }

    private static func number(_ value: JSONValue?) -> Double? {
        let number: Double? =
            switch value {
            case .integer(let integer): Double(integer)
            case .number(let number): number
            case .string(let text): Double(text.filter { !$0.isWhitespace })
            default: nil
            }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Text without control characters, cut: it is shown in terminals and pages.
    private static func text(_ value: JSONValue?) -> String? {
        guard let text = value?.stringValue else { return nil }
        let clean = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { $0.properties.generalCategory != .control }))
        return clean.isEmpty ? nil : String(clean.prefix(labelLimit))
    }
}
