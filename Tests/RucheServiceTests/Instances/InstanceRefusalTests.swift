import Glibc
import RucheCore
import RucheHost
import RucheService
import RucheStore
import Support
import SystemPackage
import Testing

@Suite(.enabled(if: Tool.find(Tool.qemu.name) != nil && Tool.find(Tool.qemuImage.name) != nil))
struct InstanceRefusalTests {
    @Test func badOrdersAreRefusedWithEveryProblem() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                let order = site.order("Bad Name") { order in
                    order.cpus = 10_000
                    order.memory = ByteCount(1 << 50)
                    order.publish = [
                        PortPublication(host: 8080, guest: 80), PortPublication(host: 8080, guest: 81),
                        PortPublication(host: 70_000, guest: 1),
                    ]
                    order.shares = [
                        InstanceShare(source: "/nowhere/at/all", target: "/mnt/x"),
                        InstanceShare(source: "relative", target: "/mnt/y"),
                    ]
                    order.userData = "nothing known"
                }
                let error = try await #require(throws: RucheError.self) { try await service.create(order) }
                #expect(error.code == .invalidInput)
                let paths = [
                    "cpus", "memory", "publish[1]", "publish[2]", "shares[0]", "shares[1]", "name", "userData",
                    "shares", "userData",
                ]
                #expect(error.problems.map(\.path) == paths)
                #expect(try isUntouched(site))
            }
        }
    }

    @Test func aTakenPortIsRefusedBeforeAnythingStarts() async throws {
        try await InstanceSite.with { site in
            let taken = try #require(LocalPort.free())
            let socket = try Listening(taken)
            defer { socket.end() }
            try await site.serve { service in
                let order = site.order { $0.publish = [PortPublication(host: taken, guest: 80)] }
                let error = try await #require(throws: RucheError.self) { try await service.create(order) }
                #expect(error.code == .inUse && error.message.contains("\(taken)"), "\(error)")
                #expect(try isUntouched(site))
            }
        }
    }

    @Test func twoInstancesDontShareANameOrAPort() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                let port = PortPublication(host: try #require(LocalPort.free()), guest: 80)
                let first = try await service.create(site.order("one") { $0.publish = [port] })
                var error = try await #require(throws: RucheError.self) { try await service.create(site.order("one")) }
                #expect(error.code == .conflict)
                error = try await #require(throws: RucheError.self) {
                    try await service.create(site.order("two") { $0.publish = [port] })
                }
                #expect(error.code == .inUse && error.message.contains("\"one\""), "\(error)")
                let other = try await service.create(site.order())
                #expect(other.name == "tiny")
                #expect(try await service.create(site.order()).name == "tiny-2")
                #expect(try await service.instance(first.id).state != .failed)
            }
        }
    }

    @Test func whatNoMachineCanBeMadeOfIsRefused() async throws {
        try await InstanceSite.with { site in
            try await site.serve { service in
                var order = site.order()
                order.release = "lab/none"
                var error = try await #require(throws: RucheError.self) { try await service.create(order) }
                #expect(error.code == .unsupported && error.message.contains("no variant at all"), "\(error)")
                order.release = "lab/nothing"
                error = try await #require(throws: RucheError.self) { try await service.create(order) }
                #expect(error.code == .notFound)
                error = try await #require(throws: RucheError.self) {
                    try await service.create(site.order { $0.disk = ByteCount(512 << 10) })
                }
                #expect(error.code == .invalidInput && error.problems.map(\.path) == ["disk"])
                error = try await #require(throws: RucheError.self) {
                    try await service.create(site.order { $0.engine = "xen" })
                }
                #expect(error.code == .unsupported)
                #expect(try isUntouched(site), "nothing is left of what could not be made")
                #expect(await service.instances(limit: 10).isEmpty)
            }
        }
    }

    @Test func whatIsHalfMadeGoesAndStrangersAreSetAside() async throws {
        // The guest has no SSH, so that it stays one that is starting.
        try await InstanceSite.with(ssh: true) { site in
            let id = try await site.serve { service in try await service.create(site.order("one")).id }
            let folders = site.data.appending("instances")
            // As a process leaves it that dies while it makes the folder.
            let row = try await site.database.read { try InstanceRepository($0).instances() }.first
            var half = try #require(row)
            half.document = half.document.replacing("\"state\":\"starting\"", with: "\"state\":\"preparing\"")
            #expect(half.document.contains("preparing"))
            let changed = half
            try await site.database.write { try InstanceRepository($0).update(changed) }
            let stranger = "01hzzzzzzzzzzzzzzzzzzzzzzz"
            try FileTree.makeFolder(folders.appending(stranger))
            try FileTree.makeFolder(folders.appending(".removed-x"))
            let process = try #require(site.process(id))
            let left = try await site.serve { service in await service.instances(limit: 10) }
            #expect(left.isEmpty)
            #expect(!process.isAlive)
            let names = try FileTree.names(in: folders)
            #expect(names.count == 1 && names[0].hasPrefix(".set-aside-\(stranger)-"), "\(names)")
        }
    }

    private func isUntouched(_ site: InstanceSite) throws -> Bool {
        try FileTree.names(in: site.data.appending("instances")).isEmpty
    }
}

/// Somebody who has a port of the loopback interface.
private struct Listening {
    private let descriptor: Int32

    init(_ port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, listen(descriptor, 1) == 0 else { throw Errno(rawValue: errno) }
    }

    func end() { close(descriptor) }
}
