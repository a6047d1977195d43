import RucheCore
import Testing

@Suite struct TargetCheckTests {
    private func problems(_ text: String, _ target: MachineTarget, flavour: String? = nil) throws -> [Problem] {
        let recipe = "ruche: 1\nname: a/b\nversion: 1.0.0\nfrom: debian:bookworm\n" + text
        let reading = RecipeParser.read(recipe, file: "ruche.yaml")
        let document = try #require(reading.document, "\(reading.problems)")
        return TargetCheck(document, target: target, flavour: flavour.flatMap { ByteCount(parsing: $0) }).problems
    }

    static let table: [(String, MachineTarget, String?, String, Int, String)] = [
        ("variants: [oci]", .libvirt, nil, "variants", 5, "qcow2, raw, vagrant/libvirt"),
        ("variants: [qcow2]\nmachine: {cloud_init: false}", .openstack, nil, "machine.cloud_init", 6, "without keys"),
        (
            "variants: [ova]\nmachine: {kernel: linux-image-cloud-amd64}", .virtualbox, nil, "machine.kernel", 6,
            "drivers"
        ),
        ("variants: [qcow2]\nmachine: {disk: 30G}", .openstack, "20G", "machine.disk", 6, "at most 20 GiB"),
        ("variants: [qcow2]", .openstack, "20G", "machine", 5, "no size"),
        (
            "variants: [qcow2]\nmachine: {network: {address: 10.0.0.2/8}}", .openstack, nil, "machine.network", 6,
            "10.0.0.2/8"
        ),
        ("variants: [ova]\nmachine: {cloud_init: false}", .virtualbox, nil, "machine.keys", 6, "no key"),
    ]

    @Test(arguments: table.indices)
    func whatWouldNotRunIsToldWithItsPlace(index: Int) throws {
        let (text, target, flavour, path, line, words) = Self.table[index]
        let found = try problems(text, target, flavour: flavour)
        #expect(found.count == 1)
        #expect(found.first?.path == path)
        #expect(found.first?.line == line || found.first?.line == nil)
        #expect("\(found)".contains(words), "\(found)")
    }

    @Test func machinesThatFitHaveNoProblem() throws {
        for target in MachineTarget.allCases {
            let text = "variants: [\(target.variants[0].rawValue)]\nmachine: {disk: 10G}"
            #expect(try problems(text, target, flavour: "10G").isEmpty)
        }
    }
}
