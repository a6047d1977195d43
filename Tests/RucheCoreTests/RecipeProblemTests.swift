import RucheCore
import Testing

@Suite struct RecipeProblemTests {
    /// Text after the smallest recipe (line 5 on), and the one problem it has: line, column, path, words in it.
    static let table: [(String, Int, Int, String, String)] = [
        ("varients: [oci]", 5, 1, "varients", "did you mean \"variants\""),
        ("summary:", 5, 9, "summary", "has no value"),
        ("summary: [a]", 5, 10, "summary", "found a list of 1"),
        ("summary: 12", 5, 10, "summary", "put quotes around it"),
        ("license: GPLv3", 5, 10, "license", "\"GPL-3.0-only\""),
        ("license: GPL-3.0-or-latter", 5, 10, "license", "\"GPL-3.0-or-later\""),
        ("license: (MIT", 5, 10, "license", "\")\" is missing"),
        ("license: MIT Apache-2.0", 5, 10, "license", "is unexpected"),
        ("license: MIT WITH nothing", 5, 10, "license", "not an SPDX exception"),
        ("authors: [{name: A, orcid: 0000-0002-1825-0098}]", 5, 28, "authors[0].orcid", "checksum"),
        ("authors: [{email: a@b.c}]", 5, 11, "authors[0].name", "missing"),
        ("homepage: https://me:pw@example.org/", 5, 11, "homepage", "without a user name"),
        ("mirror: ftp://example.org", 5, 9, "mirror", "http, https or file"),
        ("snapshot: 20230229T000000Z", 5, 11, "snapshot", "YYYYMMDDTHHMMSSZ"),
        ("base_max_age: 2w", 5, 15, "base_max_age", "30d"),
        ("architectures: [x86_64]", 5, 17, "architectures[0]", "\"amd64\""),
        ("architectures: []", 5, 16, "architectures", "empty"),
        ("variants: [oci, oci]", 5, 17, "variants[1]", "given twice"),
        ("variants: [qcow]", 5, 12, "variants[0]", "\"qcow2\""),
        ("machine: {disk: 1M}", 5, 17, "machine.disk", "at least 256 MiB"),
        ("machine: {cpus: 0}", 5, 17, "machine.cpus", "from 1 to 512"),
        ("machine: {user: root}", 5, 17, "machine.user", "a user's name"),
        ("machine: {keys: [x]}", 5, 18, "machine.keys[0]", "ssh-ed25519"),
        ("machine: {kernel: \"a b\"}", 5, 19, "machine.kernel", "a Debian package"),
        ("machine: {network: {address: 10.0.0.300/8}}", 5, 30, "machine.network.address", "192.168.1.20/24"),
        ("machine: {network: {address: 10.0.0.3/33}}", 5, 30, "machine.network.address", "192.168.1.20/24"),
        ("machine: {network: {gateway: 10.0.0.1}}", 5, 20, "machine.network.address", "missing"),
        ("machine: {disc: 2G}", 5, 11, "machine.disc", "\"disk\""),
        ("variants: [ocl]", 5, 12, "variants[0]", "\"oci\""),
        ("env: {1A: x}", 5, 7, "env[\"1A\"]", "the name is not valid"),
        ("env: {A: [x]}", 5, 10, "env.A", "wrong type"),
        ("env: {A: }", 5, 10, "env.A", "has no value"),
        ("workdir: relative", 5, 10, "workdir", "absolute path"),
        ("workdir: /a/../b", 5, 10, "workdir", "without \"..\""),
        ("user: Root!", 5, 7, "user", "name or number"),
        ("labels: {\"a b\": x}", 5, 10, "labels[\"a b\"]", "not valid"),
        ("tests: samtools", 5, 8, "tests", "a list of shell commands"),
        ("steps: {apt: [a]}", 5, 8, "steps", "a list of steps"),
        ("steps: [{}]", 5, 9, "steps[0]", "exactly one kind"),
        ("steps: [{atp: [bwa]}]", 5, 10, "steps[0].atp", "\"apt\""),
        ("steps:\n  - apt: [bwa]\n    pip: [six]", 6, 5, "steps[0]", "found apt, pip"),
        ("steps: [{apt: [BWA]}]", 5, 16, "steps[0].apt[0]", "\"bwa\""),
        ("steps: [{apt: [bwa==1]}]", 5, 16, "steps[0].apt[0]", "\"bwa=1\""),
        ("steps: [{apt: [\"bwa; rm -rf /\"]}]", 5, 16, "steps[0].apt[0]", "is not a package"),
        ("steps: [{apt: [--force-yes]}]", 5, 16, "steps[0].apt[0]", "is not a package"),
        ("steps: [{apt: []}]", 5, 15, "steps[0].apt", "empty"),
        ("steps: [{apt: [bwa, bwa]}]", 5, 21, "steps[0].apt[1]", "given twice"),
        ("steps: [{apt: bwa}]", 5, 15, "steps[0].apt", "a map with packages"),
        ("steps: [{apt: {packages: [bwa], recommends: yes}}]", 5, 45, "steps[0].apt.recommends", "true or false"),
        ("steps: [{pip: [numpy=2]}]", 5, 16, "steps[0].pip[0]", "\"numpy==2\""),
        ("steps: [{pip: [-r x.txt]}]", 5, 16, "steps[0].pip[0]", "is not a package"),
        ("steps: [{pip: [./local]}]", 5, 16, "steps[0].pip[0]", "is not a package"),
        ("steps: [{pip: {venv: /v}}]", 5, 15, "steps[0].pip", "nothing to install"),
        ("steps: [{pip: {packages: [a], index-url: x}}]", 5, 31, "steps[0].pip.index-url", "\"index_url\""),
        ("steps: [{pip: {requirements: ../r.txt}}]", 5, 30, "steps[0].pip.requirements", "beside the recipe"),
        ("steps: [{copy: {from: /etc/passwd, to: /x}}]", 5, 23, "steps[0].copy.from", "relative"),
        ("steps: [{copy: {from: a/../../b, to: /x}}]", 5, 23, "steps[0].copy.from", "beside the recipe"),
        ("steps: [{copy: {from: a, to: x}}]", 5, 30, "steps[0].copy.to", "absolute"),
        ("steps: [{copy: {from: a, to: /x, mode: 0755}}]", 5, 40, "steps[0].copy.mode", "quotes"),
        ("steps: [{copy: {from: a, to: /x, mode: \"0989\"}}]", 5, 40, "steps[0].copy.mode", "octal"),
        ("steps: [{copy: {from: a}}]", 5, 16, "steps[0].copy.to", "missing"),
        ("steps: [{shell: {script: a, run: b}}]", 5, 17, "steps[0].shell", "one source"),
        ("steps: [{shell: {network: true}}]", 5, 17, "steps[0].shell", "one source"),
        ("steps: [{shell: \"  \"}]", 5, 17, "steps[0].shell", "empty"),
        ("steps: [{shell: {run: a, interpreter: \"bash '\"}}]", 5, 39, "steps[0].shell.interpreter", "not valid"),
        (
            "steps: [{ansible: {playbook: p.yml, extra_vars: {a-b: 1}}}]", 5, 50, "steps[0].ansible.extra_vars.a-b",
            "not valid"
        ),
        ("pipeline: {inputs: /i}", 5, 11, "pipeline.job", "missing"),
        ("pipeline: {job: \"run '\"}", 5, 17, "pipeline.job", "every quote closed"),
        ("pipeline: {job: run, inputs: /}", 5, 30, "pipeline.inputs", "not /"),
        ("pipeline: {job: run, inputs: /proc/x}", 5, 30, "pipeline.inputs", "/proc"),
        ("pipeline: {job: run, logs: /pipeline/outputs/logs}", 5, 28, "pipeline.logs", "outputs"),
        ("pipeline: {job: run, inputs: /pipeline/outputs}", 5, 30, "pipeline.inputs", "apart from"),
        ("pipeline: {job: run, limits: {cpus: 0}}", 5, 37, "pipeline.limits.cpus", "0.01"),
        ("pipeline: {job: run, limits: {memory: 1X}}", 5, 39, "pipeline.limits.memory", "512M"),
        ("pipeline: {job: run, limits: {memory: 1k}}", 5, 39, "pipeline.limits.memory", "at least"),
        ("pipeline: {job: run, limits: {processes: 1.5}}", 5, 42, "pipeline.limits.processes", "whole number"),
        ("pipeline: {job: run, limits: {time: soon}}", 5, 37, "pipeline.limits.time", "15m"),
        ("service: {ports: [70000]}", 5, 19, "service.ports[0]", "out of range"),
        ("service: {ports: [80], health: {http: /, port: 81}}", 5, 48, "service.health.port", "none of the ports"),
        ("service: {capabilities: [setuid, sys_admin]}", 5, 34, "service.capabilities[1]", "net_bind_service"),
        ("service: {health: {http: x, port: 80}}", 5, 26, "service.health.http", "starts with /"),
        ("summary: a\nsummary: b", 6, 1, "summary", "given twice"),
        ("env: {A: x, B: y, A: z}", 5, 19, "env.A", "given twice"),
        ("\"name\": lab/other", 5, 2, "name", "given twice"),
    ]

    @Test(arguments: table)
    func reportsOneProblemAtItsPlace(text: String, line: Int, column: Int, path: String, words: String) throws {
        let (parsed, problems) = RecipeParser.parse(recipe(text + "\n"), file: "r.yaml")
        #expect(parsed == nil)
        #expect(problems.count == 1, "\(problems)")
        let problem = try #require(problems.first)
        #expect(problem.path == path)
        // A repeated key in quotes is told at its quote or behind it.
        #expect(problem.line == line)
        #expect(problem.column.map { abs($0 - column) <= (text.hasPrefix("\"") ? 1 : 0) } == true, "\(problem)")
        #expect(problem.description.contains(words), "\(problem)")
        #expect(problem.description.hasPrefix("r.yaml:\(line):"))
    }

    @Test(arguments: [
        ("ruche: 1", "ruche: 2", "can't read schema version 2"), ("ruche: 1", "ruche: one", "allowed: 1"),
        ("lab/tool", "Lab/Tool", "owner/name"), ("lab/tool", "library/tool", "owner/name"),
        ("lab/tool", "tool", "owner/name"), ("1.0.0", "latest", "starts with a number"),
        ("1.0.0", "1.0+2", "starts with a number"), ("debian:bookworm", "debian:bokworm", "\"debian:bookworm\""),
        ("debian:bookworm", "ubuntu:jammy", "no kind of base"), ("debian:bookworm", "debain:sid", "\"debian:sid\""),
        ("debian:bookworm", "tar:/etc/shadow", "leaves the recipe's folder"),
        ("debian:bookworm", "oci:../other", "leaves the recipe's folder"),
        ("debian:bookworm", "Lab/x:1", "is not a release"),
    ])
    func refusesWrongHeads(old: String, new: String, words: String) {
        let (parsed, problems) = RecipeParser.parse(recipe().replacing(old, with: new), file: "r")
        #expect(parsed == nil)
        #expect(problems.count == 1)
        #expect(problems.first?.description.contains(words) == true, "\(problems)")
    }

    @Test func reportsAllProblemsAtOnceInTheOrderOfTheFile() {
        let text = """
            ruche: 1
            version: latest
            form: debian:bookworm
            steps:
              - apt: [BWA, Samtools]
              - copy: {from: ../x, to: y}
              - {}
            env: {A: 1, A: 2}
            env: {B: 1}
            pipeline: {job: run, limits: {cpu: 2}}
            """
        let (_, problems) = RecipeParser.parse(text, file: "r")
        let paths = [
            "name", "from", "version", "form", "steps[0].apt[0]", "steps[0].apt[1]", "steps[1].copy.from",
            "steps[1].copy.to", "steps[2]", "env.A", "env", "pipeline.limits.cpu",
        ]
        #expect(Set(problems.map(\.path)) == Set(paths), "\(problems)")
        #expect(problems.count == paths.count)
        #expect(problems.map { $0.line ?? 0 } == problems.map { $0.line ?? 0 }.sorted())
    }

    @Test func namesFilesOfAWrongRecipeToo() {
        let reading = RecipeParser.read(recipe("steps: [{shell: a.sh}]\nsumary: x\n"), file: "r")
        #expect(reading.document == nil)
        #expect(reading.files.map(\.path) == ["a.sh"])
    }

    @Test func tooManyStepsHideNoOtherProblem() {
        let head = "ruche: 1\nname: a/b\nversion: 1.0.0\nfrom: debian:bookworm\nsteps:\n"
        let reading = RecipeParser.read(
            head + String(repeating: "  - apt: [hello]\n", count: 600) + "  - atp: [bwa]\n", file: "r")
        #expect(reading.problems.first?.message == "too many steps")
        #expect(reading.problems.contains { $0.path == "steps[600].atp" })
        #expect(reading.hiddenProblems == 0)
        let many = RecipeParser.read(head + String(repeating: "  - apt: [BWA]\n", count: 600), file: "r")
        #expect(many.problems.count == 200)
        #expect(many.hiddenProblems == 401)
    }
}
