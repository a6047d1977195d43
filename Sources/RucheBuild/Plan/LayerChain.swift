import RucheCore

/// Layers that follow each other. A build has one for the recipe's own steps, and more when it makes machines.
enum LayerChain: String, Hashable, Sendable, Codable, CaseIterable {
    /// The recipe's steps, over the base: what containers are made of.
    case recipe
    /// What every machine has besides: kernel, first process, cloud-init.
    case machine
    /// What Vagrant expects in its boxes.
    case vagrant
    /// The boot loader's files. Over the base alone, so that no change of a recipe makes them again.
    case loader

    /// The chain it begins at the end of; nil for the base.
    var below: LayerChain? {
        switch self {
        case .recipe, .loader: nil
        case .machine: .recipe
        case .vagrant: .machine
        }
    }

    /// The chains that the variants of a recipe need, each after the one it begins at.
    static func needed(for variants: [VariantFormat]) -> [LayerChain] {
        guard variants.contains(where: \.isMachine) else { return [.recipe] }
        let isVagrant = variants.contains { $0.machineChain == .vagrant }
        return [.recipe, .machine] + (isVagrant ? [.vagrant] : []) + [.loader]
    }
}

extension VariantFormat {
    /// The chain whose end is the root of the variant.
    var machineChain: LayerChain {
        switch self {
        case .oci, .lxd: .recipe
        case .vagrantLibvirt, .vagrantVirtualBox: .vagrant
        case .lxdMachine, .raw, .qcow2, .vmdk, .vdi, .vhdx, .ova: .machine
        }
    }
}
