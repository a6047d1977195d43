import RucheCore
import Testing

/// The smallest recipe, with more lines at its end.
func recipe(_ more: String = "") -> String {
    "ruche: 1\nname: lab/tool\nversion: 1.0.0\nfrom: debian:bookworm\n" + more
}

@Suite struct RecipeParserTests {
    static let full = """
        ruche: 1
        name: lab/tool
        version: 1.10
        summary: A tool
        description: |
          More about
          the tool
        authors: [{name: Ada Example, orcid: 0000-0002-1825-0097, email: ada@example.org}]
        license: MIT OR (Apache-2.0 WITH LLVM-exception AND LicenseRef-data)
        keywords: [one, two]
        homepage: https://example.org/tool
        from: oci:images/base.tar:v1
        mirror: http://mirror.example.org/debian
        snapshot: 20240229T000000Z
        base_max_age: 14d
        architectures: [amd64, arm64]
        steps:
          - apt: [bwa, samtools=1:1.16.1-1, r-base/bookworm-backports]
          - apt: {packages: [g++], recommends: true}
          - pip: [numpy==2.0, "pandas[excel]>=2,<3; python_version >= '3.9'"]
          - pip: {packages: [six], requirements: ./req.txt, constraints: c.txt, venv: /opt/venv/, python: python3.11, index_url: "https://pypi.example.org/simple"}
          - copy: {from: job/, to: /pipeline/job/, mode: "0755", owner: "0:0"}
          - shell: scripts/setup.sh
          - shell: |
              echo one
          - shell: echo two words
          - shell: {script: a.R, interpreter: "Rscript '--vanilla'", network: true, env: {A: 1, B: no}}
          - shell: {run: ldconfig, interpreter: [bash, -e]}
          - ansible: {playbook: ansible/play.yml, roles: ansible/roles, extra_vars: {n: 1, l: [a, 2.5, null], s: "1"}}
        env: {LANG: C.UTF-8, FLAG: true}
        workdir: /work
        user: "1000:staff"
        labels: {org.example.team: x}
        tests: [tool --version]
        pipeline:
          job: /pipeline/job/run.sh 'a b'
          inputs: /in/
          outputs: /out
          logs: /log
          databases: /db
          form: form.json
          limits: {cpus: 1.5, memory: 1G, processes: 256, disk: 10G, time: 2h}
          network: true
        service:
          commands: {www: "gunicorn app:app"}
          ports: [8080]
          health: {http: /health, port: 8080}
          capabilities: [setgid, dac_override]
        variants: [oci, lxd]
        """

    @Test func readsEveryKey() throws {
        let (parsed, problems) = RecipeParser.parse(Self.full, file: "ruche.yaml")
        #expect(problems.map(\.description) == [])
        let recipe = try #require(parsed)
        #expect(recipe.version.description == "1.10")
        #expect(recipe.description == "More about\nthe tool\n")
        #expect(recipe.summary == "A tool")
        #expect(
            recipe.authors == [
                .init(name: "Ada Example", orcid: "0000-0002-1825-0097", email: "ada@example.org")
            ])
        #expect(recipe.license?.hasPrefix("MIT OR") == true)
        #expect(recipe.keywords == ["one", "two"])
        #expect(recipe.homepage == "https://example.org/tool")
        #expect(recipe.from == .ociLayout(path: "images/base.tar", tag: "v1"))
        #expect(recipe.mirror == "http://mirror.example.org/debian")
        #expect(recipe.snapshot == "20240229T000000Z")
        #expect(recipe.baseMaxAge == 14)
        #expect(recipe.architectures == ["amd64", "arm64"])
        #expect(recipe.env == ["LANG": "C.UTF-8", "FLAG": "true"])
        #expect(recipe.workdir == "/work")
        #expect(recipe.user == "1000:staff")
        #expect(recipe.labels == ["org.example.team": "x"])
        #expect(recipe.tests == ["tool --version"])
        #expect(recipe.variants == [.oci, .lxd])
        var service = ServiceContract()
        service.commands = ["www": "gunicorn app:app"]
        service.ports = [8080]
        service.health = .init(http: "/health", port: 8080)
        service.capabilities = [.setgid, .dacOverride]
        #expect(recipe.service == service)
        var pipeline = PipelineContract(job: "/pipeline/job/run.sh 'a b'")
        (pipeline.inputs, pipeline.outputs, pipeline.logs, pipeline.databases) = ("/in", "/out", "/log", "/db")
        pipeline.form = "form.json"
        pipeline.network = true
        pipeline.limits = ResourceLimits(
            cpus: 1.5, memory: ByteCount(1 << 30), processes: 256, disk: ByteCount(10 << 30), time: 7200)
        #expect(recipe.pipeline == pipeline)
    }

    @Test func readsEveryFormOfStep() throws {
        let recipe = try #require(RecipeParser.parse(Self.full, file: "r").recipe)
        let expected: [Step] = [
            .apt(AptStep(packages: ["bwa", "samtools=1:1.16.1-1", "r-base/bookworm-backports"])),
            .apt(AptStep(packages: ["g++"], recommends: true)),
            .pip(PipStep(packages: ["numpy==2.0", "pandas[excel]>=2,<3; python_version >= '3.9'"])),
            .pip(
                PipStep(
                    packages: ["six"], requirements: "req.txt", constraints: "c.txt", venv: "/opt/venv",
                    python: "python3.11", indexURL: "https://pypi.example.org/simple")),
            .copy(CopyStep(from: "job", to: "/pipeline/job/", mode: 0o755, owner: "0:0")),
            .shell(ShellStep(source: .file("scripts/setup.sh"))),
            .shell(ShellStep(source: .inline("echo one\n"))),
            .shell(ShellStep(source: .inline("echo two words"))),
            .shell(
                ShellStep(
                    source: .file("a.R"), interpreter: ["Rscript", "--vanilla"], network: true,
                    env: ["A": "1", "B": "no"])),
            .shell(ShellStep(source: .inline("ldconfig"), interpreter: ["bash", "-e"])),
            .ansible(
                AnsibleStep(
                    playbook: "ansible/play.yml", roles: "ansible/roles",
                    extraVars: ["n": 1, "l": ["a", 2.5, .null], "s": "1"])),
        ]
        #expect(recipe.steps == expected)
    }

    @Test func namesEveryFileThatTheRecipeReads() throws {
        let reading = RecipeParser.read(Self.full, file: "r")
        let document = try #require(reading.document)
        let expected = [
            "from images/base.tar", "steps[3].pip.requirements req.txt", "steps[3].pip.constraints c.txt",
            "steps[4].copy.from job", "steps[5].shell scripts/setup.sh", "steps[8].shell.script a.R",
            "steps[10].ansible.playbook ansible/play.yml", "steps[10].ansible.roles ansible/roles",
            "pipeline.form form.json",
        ]
        #expect(document.files.map { "\($0.keyPath) \($0.path)" } == expected)
        #expect(document.recipe.files.map(\.path) == document.files.map(\.path))
        #expect(document.files.allSatisfy { $0.place != nil })
        #expect(document.files.first?.place == Place(line: 12, column: 7))
        #expect(document.problem(at: "steps[0].apt[1]", "x").line == 18)
        #expect(document.problem(at: "steps[0].apt[9].x", "x").line == 18)
    }

    @Test(arguments: [
        ("debian:trixie", BaseReference.debian(suite: "trixie")), ("lab/base", .environment("lab/base")),
        ("lab/base:1.0", .environment("lab/base:1.0")), ("oci:dir", .ociLayout(path: "dir", tag: nil)),
        ("docker-archive:a/b.tar:v1", .dockerArchive(path: "a/b.tar", tag: "v1")),
        ("tar:./root.tar.xz", .rootTarball(path: "root.tar.xz")),
    ])
    func readsBases(text: String, base: BaseReference) {
        let text = recipe().replacing("debian:bookworm", with: text)
        #expect(RecipeParser.parse(text, file: "r").recipe?.from == base)
    }

    @Test func fillsDefaults() throws {
        let recipe = try #require(RecipeParser.parse(recipe("pipeline: {job: run}\n"), file: "r").recipe)
        #expect(recipe.architectures == ["amd64"])
        #expect(recipe.variants == [.oci])
        #expect(recipe.pipeline == PipelineContract(job: "run"))
    }
}
