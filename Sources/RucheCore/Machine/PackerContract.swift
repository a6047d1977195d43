/// `packer:` of a recipe: how the template of its base is built.
package struct PackerContract: Hashable, Sendable, Codable {
    /// The one builder of the template that is run, by its name; nil where it has only one.
    package var builder: String?
    /// Values of the template's variables. They are published with the recipe.
    package var variables: [String: String] = [:]
    /// Files of variables (JSON) beside the recipe: a later one before an earlier one, `variables` before all.
    package var variableFiles: [String] = []
    /// Variables whose values the operator of the builder has. They are in no release.
    package var secrets: [String] = []
    /// Files and folders beside the recipe that the template reads without naming them as they are.
    package var files: [String] = []
    /// What the artifact is, where its marks do not tell.
    package var format: Format?

    package init() {}

    package enum Format: String, Hashable, Sendable, Codable, CaseIterable {
        case raw, qcow2, vmdk, vdi, vhdx
        /// An appliance in one file; a Vagrant box of libvirt or VirtualBox.
        case ova, box
    }
}
