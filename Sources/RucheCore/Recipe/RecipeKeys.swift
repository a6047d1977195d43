/// Every key that a recipe may have, by level.
package enum RecipeKeys {
    package static let top = KeyTable(
        "", required: ["ruche", "name", "version", "from"],
        optional: [
            "summary", "description", "authors", "license", "keywords", "homepage", "mirror", "snapshot",
            "base_max_age", "architectures", "steps", "env", "workdir", "user", "labels", "tests", "pipeline",
            "service", "machine", "packer", "variants",
        ])
    package static let author = KeyTable("authors[]", required: ["name"], optional: ["orcid", "email"])
    package static let step = KeyTable("steps[]", optional: ["apt", "pip", "copy", "shell", "ansible"])
    package static let apt = KeyTable("steps[].apt", required: ["packages"], optional: ["recommends"])
    package static let pip = KeyTable(
        "steps[].pip", optional: ["packages", "requirements", "constraints", "venv", "python", "index_url"])
    package static let copy = KeyTable("steps[].copy", required: ["from", "to"], optional: ["mode", "owner"])
    package static let shell = KeyTable(
        "steps[].shell", optional: ["script", "run", "interpreter", "network", "env"])
    package static let ansible = KeyTable(
        "steps[].ansible", required: ["playbook"], optional: ["roles", "extra_vars"])
    package static let pipeline = KeyTable(
        "pipeline", required: ["job"],
        optional: ["inputs", "outputs", "logs", "databases", "form", "limits", "network", "references"])
    package static let limits = KeyTable(
        "pipeline.limits", optional: ["cpus", "memory", "processes", "disk", "time"])
    package static let service = KeyTable(
        "service", optional: ["commands", "ports", "health", "capabilities"])
    package static let health = KeyTable("service.health", required: ["http", "port"])

    package static let machine = KeyTable(
        "machine",
        optional: ["disk", "memory", "cpus", "kernel", "cloud_init", "ssh", "user", "keys", "network"])
    package static let network = KeyTable("machine.network", required: ["address"], optional: ["gateway", "dns"])

    package static let packer = KeyTable(
        "packer", optional: ["builder", "variables", "variable_files", "secrets", "files", "format"])

    package static let levels = [
        top, author, step, apt, pip, copy, shell, ansible, pipeline, limits, service, health, machine, network, packer,
    ]

    /// Architectures by Debian's names.
    package static let architectures = [
        "amd64", "arm64", "armel", "armhf", "i386", "mips64el", "ppc64el", "riscv64", "s390x",
    ]
}
