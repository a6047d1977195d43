package import RucheCore
package import RucheImages

extension MachineHardware {
    /// What a recipe says of its machine. The environment's name becomes a host name (RFC 1123, section 2.1).
    package init(_ recipe: Recipe, architecture: String) {
        let name = recipe.name.name.map { $0.isLetter || $0.isNumber ? $0 : "-" }
        let trimmed = String(String(name).prefix(63).reversed().drop { $0 == "-" }.reversed())
        let machine = recipe.machine ?? MachineContract()
        self.init(
            name: trimmed.isEmpty ? "machine" : trimmed, cpus: machine.cpus, memory: machine.memory,
            architecture: architecture)
    }
}
