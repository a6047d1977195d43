import RucheCore
import Testing

@Suite struct NetworkAddressTests {
    private func v4(_ text: String) -> NetworkAddress {
        .v4(text.split(separator: ".").compactMap { UInt32($0) }.reduce(0) { $0 << 8 | $1 })
    }

    @Test(
        arguments: [
            "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.8.9.1", "169.254.169.254",
            "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.168.1.1", "198.18.0.1", "198.19.255.255",
            "198.51.100.7", "203.0.113.9", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        ])
    func networksOfTheSiteAreNotPublic(_ text: String) { #expect(!v4(text).isPublic) }

    @Test(arguments: [
        "1.1.1.1", "9.255.255.255", "11.0.0.1", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1",
        "192.0.1.1", "223.255.255.255",
    ])
    func othersArePublic(_ text: String) { #expect(v4(text).isPublic) }

    @Test func addressesOfVersion6AreTold() {
        #expect(!NetworkAddress.v6(0, 1).isPublic && !NetworkAddress.v6(0, 0).isPublic)
        #expect(!NetworkAddress.v6(0xfe80 << 48, 1).isPublic && !NetworkAddress.v6(0xfd00 << 48, 1).isPublic)
        #expect(!NetworkAddress.v6(0, 0xffff_7f00_0001).isPublic, "127.0.0.1 in disguise")
        #expect(NetworkAddress.v6(0, 0xffff_0101_0101).isPublic)
        #expect(!NetworkAddress.v6(0x2002_7f00_0001_0000, 1).isPublic, "6to4 of 127.0.0.1")
        #expect(!NetworkAddress.v6(0x2001_0db8 << 32, 1).isPublic && !NetworkAddress.v6(0x0064_ff9b << 32, 1).isPublic)
        #expect(NetworkAddress.v6(0x2606_4700_4700_0000, 0x1111).isPublic)
    }

    @Test func retriesComeEverLaterAndNeverAllAtOnce() {
        var generator = SystemRandomNumberGenerator()
        let schedule = RetrySchedule(first: .seconds(1), longest: .seconds(60))
        for (failures, seconds) in [(1, 1.0), (2, 2), (5, 16), (7, 60), (1000, 60)] {
            let delay = schedule.delay(failures: failures, using: &generator).seconds
            #expect(delay >= seconds * 0.8 && delay <= seconds * 1.2)
        }
        #expect(Set((0..<20).map { _ in schedule.delay(failures: 3, using: &generator) }).count > 1)
    }

    @Test(arguments: [0, 1_769_860_800_123, 951_870_599_000, 4_102_444_799_999, -1, 951_782_400_000] as [Int64])
    func timesAreWrittenAsTheyAreRead(_ time: Int64) {
        #expect(Timestamp.milliseconds(Timestamp.text(time)) == time)
    }
}
