import RucheCore
import RucheHost
import SystemPackage

/// UEFI for machines, as Debian's package `ovmf` has it. Machines share the code; each has variables of its own, where
/// it keeps what it is to start.
package enum UEFIFirmware {
    static let code: FilePath = "/usr/share/OVMF/OVMF_CODE_4M.fd"
    /// Variables of a machine that was never started.
    static let newVariables: FilePath = "/usr/share/OVMF/OVMF_VARS_4M.fd"
    /// Those of one machine, in its folder.
    static let variablesFile = "uefi-variables.fd"

    /// Throws `missing_tool` where it is not installed.
    package static func require() throws {
        for file in [code, newVariables] where !FileTree.exists(file) {
            throw RucheError(
                .missingTool, "the firmware \(file) is not on this machine: install it with \"apt install ovmf\"",
                details: ["tool": file.string, "package": "ovmf"])
        }
    }

    static func makeVariables(in folder: FilePath) throws {
        try require()
        try AtomicFile.write(
            try AtomicFile.read(newVariables), to: folder.appending(variablesFile), permissions: [.ownerReadWrite])
    }
}
