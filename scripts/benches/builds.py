"""Builds beside mmdebstrap and buildah."""
import shutil
import statistics

from benches.table import row
from benches.programs import ROOT, run, seconds


def example(folder):
    target = folder / "variant-calling"
    shutil.copytree(ROOT / "examples/variant-calling", target)
    return target


def build(ruche, data, recipe):
    return seconds(ruche, "build", recipe, "--data", data)


def bench_build(ruche, folder, repeat=3):
    recipe = example(folder)
    data = folder / "build-data"
    packages = "bwa,samtools,bcftools"
    plain, cold = [], []
    for index in range(repeat):
        plain.append(seconds("mmdebstrap", "--variant=minbase", f"--include={packages}", "bookworm", folder / f"plain{index}.tar"))
        (folder / f"plain{index}.tar").unlink()
        shutil.rmtree(data, ignore_errors=True)
        cold.append(build(ruche, data, recipe))
    row("cold build of the demo", ("ruche", statistics.median(cold)),
        ("mmdebstrap, same packages,", statistics.median(plain)), "≤ 1.3")
    again = statistics.median(build(ruche, data, recipe) for _ in range(5))
    edits = []
    script = recipe / "job/run.sh"
    for index in range(5):
        script.write_text(script.read_text() + f"\n# edit {index}\n")
        text = (recipe / "ruche.yaml").read_text()
        (recipe / "ruche.yaml").write_text(text.replace("version: ", f"version: {index + 2}.", 1) if index == 0 else bump(text))
        edits.append(build(ruche, data, recipe))
    edited = statistics.median(edits)
    other_again, other_edited = bench_buildah(folder, recipe)
    row("rebuild with nothing changed", ("ruche", again), ("buildah bud --layers", other_again), "< 0.5 s")
    row("rebuild after an edit of the last step", ("ruche", edited), ("buildah bud --layers", other_edited), "< 1")


def bump(text):
    """The next version of a recipe, since a release never changes."""
    lines = text.splitlines()
    for index, line in enumerate(lines):
        if line.startswith("version: "):
            head, _, rest = line[len("version: "):].partition(".")
            lines[index] = f"version: {int(head) + 1}.{rest}"
    return "\n".join(lines) + "\n"


def bench_buildah(folder, recipe):
    """The same steps as a Containerfile, over the same base tarball, layers cached."""
    storage = ["--root", folder / "buildah", "--runroot", folder / "buildah-run"]
    run("mmdebstrap", "--variant=minbase", "bookworm", folder / "base.tar")
    (recipe / "Containerfile").write_text(
        "FROM bench-base\nRUN apt-get update && apt-get install -y --no-install-recommends bwa samtools bcftools\n"
        "COPY job/ /pipeline/job/\n")
    (folder / "base").mkdir()
    shutil.copy(folder / "base.tar", folder / "base/base.tar")
    (folder / "base/Containerfile").write_text("FROM scratch\nADD base.tar /\n")
    bud = ["buildah", *storage, "bud", "--layers", "--isolation", "chroot", "--network", "host"]
    run(*bud, "-t", "bench-base", folder / "base")
    run(*bud, "-t", "bench-demo", recipe)
    again = statistics.median(seconds(*bud, "-t", "bench-demo", recipe) for _ in range(5))
    edited = []
    script = recipe / "job/run.sh"
    for index in range(5):
        script.write_text(script.read_text() + f"\n# again {index}\n")
        edited.append(seconds(*bud, "-t", "bench-demo", recipe))
    return again, statistics.median(edited)
