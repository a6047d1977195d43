/// Whether a recipe's machine will run where it is to run, as far as the recipe tells.
package struct TargetCheck {
    private let document: RecipeDocument
    private let target: MachineTarget
    /// The disk that the target gives a machine.
    private let flavour: ByteCount?
    private var machine: MachineContract { document.recipe.machine ?? MachineContract() }

    package init(_ document: RecipeDocument, target: MachineTarget, flavour: ByteCount?) {
        self.document = document
        self.target = target
        self.flavour = flavour
    }

    /// Everything that stands against it, each with its place.
    package var problems: [Problem] {
        [variantProblem, cloudProblem, driverProblem, diskProblem, addressProblem, accessProblem].compactMap(\.self)
    }

    private var variantProblem: Problem? {
        let wanted = target.variants
        guard !document.recipe.variants.contains(where: wanted.contains) else { return nil }
        return document.problem(
            at: "variants", "has nothing that \(target.rawValue) takes",
            found: document.recipe.variants.map(\.rawValue).joined(separator: ", "),
            allowed: "one of " + wanted.map(\.rawValue).joined(separator: ", "))
    }

    private var cloudProblem: Problem? {
        guard target.needsCloudInit, !machine.cloudInit else { return nil }
        return document.problem(
            at: "machine.cloud_init", "leaves a machine on \(target.rawValue) without keys and network", found: "false",
            allowed: "true")
    }

    private var driverProblem: Problem? {
        guard target.hasRealDevices, let kernel = machine.kernel, kernel.contains("-cloud-") else { return nil }
        return document.problem(
            at: "machine.kernel", "has no drivers for the disks and network cards of \(target.rawValue)", found: kernel,
            allowed: "a kernel for any machine, such as linux-image-amd64")
    }

    private var diskProblem: Problem? {
        // How large a finished disk is, only the release knows.
        guard let flavour, !document.recipe.from.isDisk else { return nil }
        guard let disk = machine.disk else {
            return document.problem(
                at: "machine", "gives no size of the disk, which would be chosen from what is in it",
                allowed: "disk: of at most \(flavour)")
        }
        guard disk > flavour else { return nil }
        return document.problem(
            at: "machine.disk", "is larger than the disk of the flavour", found: "\(disk)",
            allowed: "at most \(flavour)")
    }

    private var addressProblem: Problem? {
        guard target.givesAddresses, let network = machine.network else { return nil }
        return document.problem(
            at: "machine.network", "gives an address, which \(target.rawValue) gives to its machines itself",
            found: network.address, allowed: "no machine.network")
    }

    private var accessProblem: Problem? {
        guard !machine.cloudInit, machine.ssh, machine.keys.isEmpty, target == .virtualbox else { return nil }
        return document.problem(
            at: "machine.keys", "has no key, and without cloud-init nothing else lets anybody in",
            allowed: "a public key, or cloud_init: true")
    }
}
