/// Where a machine is to run.
package enum MachineTarget: String, Hashable, Sendable, CaseIterable {
    case openstack, virtualbox, libvirt, lxd

    /// Forms of a release that it takes, the best first.
    package var variants: [VariantFormat] {
        switch self {
        case .openstack: [.qcow2, .raw]
        case .virtualbox: [.ova, .vdi, .vmdk, .vagrantVirtualBox]
        case .libvirt: [.qcow2, .raw, .vagrantLibvirt]
        case .lxd: [.lxdMachine]
        }
    }

    /// Whether nothing but cloud-init tells a machine there who it is and who may log in.
    package var needsCloudInit: Bool { self == .openstack || self == .lxd }

    /// Whether it gives its machines their addresses.
    package var givesAddresses: Bool { self == .openstack || self == .lxd }

    /// Whether its devices are those of real machines, for which kernels for clouds have no drivers.
    package var hasRealDevices: Bool { self == .virtualbox }
}
