package import RucheCore

/// The machine that an appliance describes.
package struct MachineHardware: Hashable, Sendable {
    package var name: String
    package var cpus: Int
    package var memory: ByteCount
    /// OCI's name of the architecture.
    package var architecture: String

    package init(name: String, cpus: Int, memory: ByteCount, architecture: String) {
        self.name = name
        self.cpus = cpus
        self.memory = memory
        self.architecture = architecture
    }
}
