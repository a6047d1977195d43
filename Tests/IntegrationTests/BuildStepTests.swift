import RucheCore
import RucheHost
import RucheWire
import SystemPackage
import Testing

/// Every kind of step over Debian, in one environment.
@Suite struct BuildStepTests {
    private static let recipe = """
        ruche: 1
        name: test/steps
        version: 1.0.0
        from: lab/variant-calling
        steps:
          - apt: [python3, python3-venv, python3-pip]
          - pip: {requirements: requirements.txt, venv: /opt/venv}
          - shell: {run: "print(open('/etc/os-release').read(), file=open('/made-by-python', 'w'))", interpreter: python3}
          - ansible: {playbook: play.yml, extra_vars: {greeting: bonjour}}
        env: {GREETING: hello}
        workdir: /opt
        user: nobody
        labels: {org.example.kind: test}
        tests:
          - test "$(pwd)" = /opt && test "$GREETING" = hello && test "$(id -un)" = nobody
          - /opt/venv/bin/python -c 'import six; assert six.__version__ == "1.16.0"'
          - grep -q bonjour /etc/greeting
          - grep -q bookworm /made-by-python
          - test ! -e /root/.ansible
        """

    @Test func everyKindOfStepWorks() async throws {
        try await RucheFixture.withDemo { fixture in
            let folder = fixture.folder.appending("steps")
            try fixture.write("steps/ruche.yaml", Self.recipe)
            try fixture.write(
                "steps/requirements.txt",
                "six==1.16.0 --hash=sha256:8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254\n")
            try fixture.write(
                "steps/play.yml",
                """
                - hosts: all
                  tasks:
                    - ansible.builtin.copy: {content: "{{ greeting }}\\n", dest: /etc/greeting}
                """)
            try await fixture.ruche("build", folder.string)
            let lock = try await fixture.ruche("image", "show", "test/steps", "--json")
            #expect(lock.output.contains("sbom"))
            let wrong = folder.appending("requirements.txt")
            let text = String(decoding: try AtomicFile.read(wrong), as: UTF8.self)
            try AtomicFile.write(Array(text.replacing("8abb2f", with: "9abb2f").utf8), to: wrong)
            let refused = try await fixture.ruche("build", folder.string, code: 5)
            #expect((refused.output + refused.errorTail).lowercased().contains("hash"))
        }
    }

    @Test func aPackageThatDoesNotExistIsNamed() async throws {
        try await RucheFixture.withDemo { fixture in
            try fixture.write(
                "none/ruche.yaml",
                "ruche: 1\nname: test/none\nversion: 1.0.0\nfrom: lab/variant-calling\nsteps:\n  - apt: [no-such-package-here]\n"
            )
            let result = try await fixture.ruche("build", fixture.folder.appending("none").string, code: 5)
            #expect((result.output + result.errorTail).contains("no-such-package-here"))
        }
    }
}
