import RucheCore

/// The description of an appliance (DMTF DSP0243, Open Virtualization Format 1.0): one machine with a disk and a network
/// card, in hardware that VirtualBox and VMware both have.
struct ApplianceDocument {
    let hardware: MachineHardware
    let disk: DiskVariant
    /// Name of the disk's file beside the description.
    let diskName: String

    /// Elements of an item are in the order of their names, as the schema wants.
    private func item(_ elements: [(String, String)]) -> String {
        let lines = elements.sorted { $0.0 < $1.0 }.map { "        <rasd:\($0.0)>\(Self.escaped($0.1))</rasd:\($0.0)>" }
        return "      <Item>\n" + lines.joined(separator: "\n") + "\n      </Item>\n"
    }

    private var items: String {
        let megabytes = hardware.memory.bytes >> 20
        return item([
            ("AllocationUnits", "hertz * 10^6"), ("Description", "Processors"), ("InstanceID", "1"),
            ("ElementName", "\(hardware.cpus) processors"), ("ResourceType", "3"),
            ("VirtualQuantity", "\(hardware.cpus)"),
        ])
            + item([
                ("AllocationUnits", "byte * 2^20"), ("Description", "Memory"), ("InstanceID", "2"),
                ("ElementName", "\(megabytes) MiB of memory"), ("ResourceType", "4"),
                ("VirtualQuantity", "\(megabytes)"),
            ])
            + item([
                ("Address", "0"), ("Description", "SATA controller"), ("ElementName", "SATA controller"),
                ("InstanceID", "3"), ("ResourceSubType", "AHCI"), ("ResourceType", "20"),
            ])
            + item([
                ("AddressOnParent", "0"), ("Description", "Disk"), ("ElementName", "Disk"),
                ("HostResource", "ovf:/disk/disk1"), ("InstanceID", "4"), ("Parent", "3"), ("ResourceType", "17"),
            ])
            + item([
                ("AutomaticAllocation", "true"), ("Connection", "NAT"), ("Description", "Network card"),
                ("ElementName", "Network card on NAT"), ("InstanceID", "5"), ("ResourceSubType", "E1000"),
                ("ResourceType", "10"),
            ])
    }

    var text: String {
        let name = Self.escaped(hardware.name)
        // CIM_OperatingSystem.OsType: Debian, 64-bit.
        let system = hardware.architecture == "amd64" ? 96 : 95
        let format = "http://www.vmware.com/interfaces/specifications/vmdk.html#streamOptimized"
        let cim = "http://schemas.dmtf.org/wbem/wscim/1/cim-schema/2"
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <Envelope xmlns="http://schemas.dmtf.org/ovf/envelope/1" xmlns:ovf="http://schemas.dmtf.org/ovf/envelope/1" xmlns:rasd="\(cim)/CIM_ResourceAllocationSettingData" xmlns:vssd="\(cim)/CIM_VirtualSystemSettingData">
              <References>
                <File ovf:href="\(diskName)" ovf:id="file1" ovf:size="\(disk.size)"/>
              </References>
              <DiskSection>
                <Info>Disks of the machine</Info>
                <Disk ovf:capacity="\(disk.capacity)" ovf:diskId="disk1" ovf:fileRef="file1" ovf:format="\(format)"/>
              </DiskSection>
              <NetworkSection>
                <Info>Networks of the machine</Info>
                <Network ovf:name="NAT">
                  <Description>A network that reaches others</Description>
                </Network>
              </NetworkSection>
              <VirtualSystem ovf:id="\(name)">
                <Info>A virtual machine</Info>
                <Name>\(name)</Name>
                <OperatingSystemSection ovf:id="\(system)">
                  <Info>The system that is installed</Info>
                  <Description>Debian</Description>
                </OperatingSystemSection>
                <VirtualHardwareSection>
                  <Info>What the machine needs</Info>
                  <System>
                    <vssd:ElementName>Virtual hardware</vssd:ElementName>
                    <vssd:InstanceID>0</vssd:InstanceID>
                    <vssd:VirtualSystemIdentifier>\(name)</vssd:VirtualSystemIdentifier>
                    <vssd:VirtualSystemType>vmx-10 virtualbox-2.2</vssd:VirtualSystemType>
                  </System>
            \(items)    </VirtualHardwareSection>
              </VirtualSystem>
            </Envelope>

            """
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
