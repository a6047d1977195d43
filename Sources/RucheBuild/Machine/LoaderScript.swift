import RucheCore

/// Makes GRUB's images with the distribution's own tools and modules.
struct LoaderScript {
    /// Where the images are in the layer.
    static let folder = "boot/loader"
    static let architectures = ["amd64", "arm64"]

    let packages: [String]
    let text: String

    /// The boot disk's third partition, whatever the firmware calls the disk.
    private static let prefix = "(,gpt3)/boot/grub"
    private static let modules = "configfile echo ext2 linux normal part_gpt serial terminal test"

    /// Nil for an architecture without machines.
    init?(architecture: String) {
        let start = "mkdir -p /\(Self.folder)\ncd /\(Self.folder)\n"
        switch architecture {
        case "amd64":
            packages = ["grub-efi-amd64-bin", "grub-pc-bin"]
            text =
                start + Self.image("i386-pc", "core.img", "biosdisk") + "cp /usr/lib/grub/i386-pc/boot.img .\n"
                + Self.image("x86_64-efi", "BOOTX64.EFI", "efi_gop efi_uga fat")
        case "arm64":
            packages = ["grub-efi-arm64-bin"]
            text = start + Self.image("arm64-efi", "BOOTAA64.EFI", "efi_gop fat")
        default: return nil
        }
    }

    private static func image(_ format: String, _ name: String, _ more: String) -> String {
        "grub-mkimage -O \(format) -p '\(prefix)' -o \(name) \(modules) \(more)\n"
    }
}
