/// `pipeline:` of a recipe: the job contract (see docs/pipeline-contract.md).
package struct PipelineContract: Hashable, Sendable, Codable {
    /// Command line started in the container, split as a POSIX shell splits words (no expansion).
    package var job: String
    /// Absolute directories in the container.
    package var inputs = "/pipeline/inputs"
    package var outputs = "/pipeline/outputs"
    package var logs = "/pipeline/logs"
    package var databases = "/pipeline/db"
    /// Path of form.json beside the recipe.
    package var form: String?
    /// Default limits of its jobs.
    package var limits = ResourceLimits()
    package var network = false
    /// Reference databases that are mounted for each of its jobs; the newest version where none is named.
    package var references: [DatabaseReference]?

    package init(job: String) { self.job = job }
}

/// `service:` of a recipe: how its instances serve.
package struct ServiceContract: Hashable, Sendable, Codable {
    package var commands: [String: String] = [:]
    package var ports: [Int] = []
    package var health: Health?
    /// What its containers may do beyond an ordinary user; nothing without it.
    package var capabilities: [ServiceCapability]?
    package init() {}

    package struct Health: Hashable, Sendable, Codable {
        package var http: String
        package var port: Int
        package init(http: String, port: Int) {
            self.http = http
            self.port = port
        }
    }
}

/// A form of a release. Written as in the recipe's `variants`.
package enum VariantFormat: String, Sendable, Codable, CaseIterable {
    case oci, lxd
    case lxdMachine = "lxd-vm"
    case raw, qcow2, vmdk, vdi, vhdx, ova
    case vagrantLibvirt = "vagrant/libvirt"
    case vagrantVirtualBox = "vagrant/virtualbox"

    /// Whether it is a virtual machine, with a kernel and a disk of its own.
    package var isMachine: Bool { self != .oci && self != .lxd }
}
