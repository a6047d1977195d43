import RucheCore

/// The steps of a machine besides those of its recipe. They run like a recipe's own.
struct MachineSteps {
    let recipe: Recipe
    /// Debian's name of the architecture.
    let architecture: String

    private var machine: MachineContract { recipe.machine ?? MachineContract() }

    struct Titled {
        var step: Step
        var title: String
    }

    /// The recipe's steps, or those that are ours. Throws `unsupported` for an architecture without machines.
    func steps(of chain: LayerChain) throws -> [Titled] {
        switch chain {
        case .recipe:
            return recipe.steps.map { Titled(step: $0, title: StepText.title($0)) }
        case .machine:
            return [
                shell(MachineScript.prepare, "machine: drivers to start with"),
                apt(packages, "machine: \(kernel)\(machine.cloudInit ? ", cloud-init" : "")"),
                shell(MachineScript(machine: machine).configure, "machine: initramfs, services, network"),
            ]
        case .vagrant:
            return [
                apt(["openssh-server", "rsync", "sudo"], "machine: what Vagrant uses"),
                shell(VagrantScript.configure, "machine: Vagrant's account"),
            ]
        case .loader:
            guard let loader = LoaderScript(architecture: architecture) else {
                throw RucheError(
                    .unsupported,
                    "machines of \(architecture) can't be made: \(LoaderScript.architectures.joined(separator: ", ")) can"
                )
            }
            return [apt(loader.packages, "boot loader"), shell(loader.text, "boot loader: images")]
        }
    }

    private var kernel: String { machine.kernel ?? "linux-image-\(architecture)" }

    private var packages: [String] {
        var names = [
            kernel, "dbus", "e2fsprogs", "initramfs-tools", "iproute2", "kmod", "netbase", "systemd-resolved",
            "systemd-sysv", "systemd-timesyncd", "udev", "zstd",
        ]
        if machine.ssh { names += ["openssh-server"] }
        if machine.cloudInit { names += ["cloud-init", "qemu-guest-agent"] }
        return names + ["sudo"]
    }

    private func apt(_ packages: [String], _ title: String) -> Titled {
        Titled(step: .apt(AptStep(packages: packages)), title: title)
    }

    private func shell(_ text: String, _ title: String) -> Titled {
        Titled(step: .shell(ShellStep(source: .inline(text))), title: title)
    }
}
