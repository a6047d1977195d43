import Foundation
import RucheCore
import Testing

@testable import RucheImages

/// The description of an appliance against what its schema asks for (DMTF DSP8023 1.1 and the two of CIM it uses).
@Suite struct ApplianceTests {
    private static func text(name: String = "machine") throws -> String {
        let digest = try #require(Digest(hex: String(repeating: "ab", count: 32)))
        return ApplianceDocument(
            hardware: MachineHardware(name: name, cpus: 3, memory: ByteCount(512 << 20), architecture: "amd64"),
            disk: DiskVariant(format: .vmdk, architecture: "amd64", blob: digest, size: 7, capacity: 9),
            diskName: "disk.vmdk"
        ).text
    }

    /// Names of the elements with `prefix` in a piece of the description.
    private static func elements(_ prefix: String, in text: Substring) throws -> [String] {
        try text.matches(of: Regex("<\(prefix):([A-Za-z]+)>", as: (Substring, Substring).self)).map {
            String($0.output.1)
        }
    }

    @Test func elementsOfHardwareAreInTheOrderOfTheirNames() throws {
        let text = try Self.text()
        let items = text.matches(of: /(?s)<Item>(.*?)<\/Item>/).map(\.output.1)
        #expect(items.count == 5)
        for item in items {
            let names = try Self.elements("rasd", in: item)
            #expect(names == names.sorted() && Set(names).count == names.count, "\(names)")
            #expect(names.contains("ElementName") && names.contains("InstanceID") && names.contains("ResourceType"))
        }
        let system = try #require(text.firstMatch(of: /(?s)<System>(.*?)<\/System>/)).output.1
        let names = try Self.elements("vssd", in: system)
        #expect(names == names.sorted() && names.contains("ElementName") && names.contains("InstanceID"), "\(names)")
    }

    @Test func everySectionBeginsWithWhatItIs() throws {
        let text = try Self.text()
        let order = [
            "<References>", "<DiskSection>", "<NetworkSection>", "<VirtualSystem ", "<OperatingSystemSection ",
            "<VirtualHardwareSection>", "<System>", "<Item>",
        ]
        let places = order.compactMap { text.range(of: $0)?.lowerBound }
        #expect(places.count == order.count && places == places.sorted())
        for match in text.matches(of: /<[A-Za-z]+(?:Section|System)[^>]*>\s*<([A-Za-z]+)>/)
        where match.output.1 != "vssd" {
            #expect(match.output.1 == "Info", "\(match.output.0)")
        }
    }

    @Test func itAsksForTheHardwareOfTheMachine() throws {
        let text = try Self.text(name: "a&b\"<c>")
        #expect(text.contains("<rasd:VirtualQuantity>3</rasd:VirtualQuantity>"))
        #expect(text.contains("<rasd:VirtualQuantity>512</rasd:VirtualQuantity>"))
        #expect(text.contains("ovf:size=\"7\"") && text.contains("ovf:capacity=\"9\""))
        #expect(text.contains("<Name>a&amp;b&quot;&lt;c&gt;</Name>") && !text.contains("<c>"))
    }
}
