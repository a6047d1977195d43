package import RucheCore
package import RucheHost
package import SystemPackage

/// An instance to be made or started.
package struct InstanceSpec: Sendable {
    /// What it is made of.
    package enum Image: Sendable {
        /// A disk that is only read.
        case disk(FilePath, DiskFormat)
        case container(ContainerService)
    }

    package var id: Identifier
    /// Its host name.
    package var name: String
    /// What belongs to it alone.
    package var folder: FilePath
    package var image: Image
    /// Of a disk: what a manager that keeps images of its own finds it by again.
    package var imageDigest: Digest?
    package var cpus: Int
    package var memory: ByteCount
    /// Bytes of its disk as it sees it; nil as the image has it.
    package var disk: ByteCount?
    /// What starts it, of a machine.
    package var firmware = MachineFirmware.bios
    package var ports: [PortPublication] = []
    package var shares: [InstanceShare] = []
    /// A public key, as a line of `authorized_keys`, for images that take one from the machine's firmware.
    package var publicKey: String?
    /// Where others find its first published port; the machine tells its services.
    package var url: String?
    /// The address that it was given for good, when it does not ask for one.
    package var network: MachineContract.FixedNetwork?
    /// What a container is asked to end by.
    package var stopSignal: Int32 = 15

    package init(
        id: Identifier, name: String, folder: FilePath, image: Image, cpus: Int, memory: ByteCount
    ) {
        self.id = id
        self.name = name
        self.folder = folder
        self.image = image
        self.cpus = cpus
        self.memory = memory
    }

    /// What its process can be told by from any other.
    package var mark: String { SecureShell.alias(id) }
    package var console: FilePath { folder.appending(Self.consoleLog) }

    package static let consoleLog = "console.log"
    package static let consoleSocket = "console.sock"
    package static let seedFile = "seed.iso"
    /// Folder of a container in that of its instance.
    package static let containerFolder = "container"
}

/// A container that serves, as its release says.
package struct ContainerService: Sendable {
    package var image: any ContainerImage
    /// Its command, environment, user and capabilities; what the instance has of its own is put to it.
    package var sandbox: SandboxSpec

    package init(image: any ContainerImage, sandbox: SandboxSpec) {
        self.image = image
        self.sandbox = sandbox
    }
}
