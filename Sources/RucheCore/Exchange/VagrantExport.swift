/// A Vagrantfile that starts an environment from a catalogue.
package enum VagrantExport {
    /// `address` is where the catalogue tells of the box.
    package static func project(
        name: EnvironmentName, version: ReleaseVersion, address: String, machine: MachineContract?,
        service: ServiceContract?
    ) -> ExportedProject {
        var lines = [
            "# Starts \(name) \(version): vagrant up", "Vagrant.configure(\"2\") do |config|",
            "  config.vm.box = \(quoted(name.description))", "  config.vm.box_url = \(quoted(address))",
            "  config.vm.box_version = \(quoted(version.description))",
        ]
        for port in service?.ports ?? [] {
            lines.append("  config.vm.network \"forwarded_port\", guest: \(port), host: \(port), auto_correct: true")
        }
        if let machine {
            for provider in ["libvirt", "virtualbox"] {
                lines.append("  config.vm.provider \"\(provider)\" do |machine|")
                lines.append("    machine.memory = \(machine.memory.bytes >> 20)")
                lines.append("    machine.cpus = \(machine.cpus)")
                lines.append("  end")
            }
        }
        var project = ExportedProject()
        project.files["Vagrantfile"] = (lines + ["end"]).joined(separator: "\n") + "\n"
        return project
    }

    private static func quoted(_ text: String) -> String {
        "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("#", with: "\\#") + "\""
    }
}
