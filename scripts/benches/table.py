"""What was measured, and the table of it."""
import datetime
import pathlib

from benches.programs import run

ROWS = []


def row(what, ours, other, target=""):
    """Keeps a line of the table: our median and the alternative's, in seconds."""
    (our_name, our_value), (other_name, other_value) = ours, other
    ratio = our_value / other_value if other_value else float("nan")
    ours, other = f"{our_name} {duration(our_value)}", f"{other_name} {duration(other_value)}"
    ROWS.append((what, ours, other, f"{ratio:.2f}", target))
    print(f"{what}: {ours}, {other}, ratio {ratio:.2f} {target}", flush=True)


def duration(value):
    return f"{value:.3f} s" if value >= 0.01 else f"{value * 1000:.2f} ms"


def figure(what, value, target=""):
    ROWS.append((what, value, "", "", target))
    print(f"{what}: {value} {target}", flush=True)


def versions(ruche):
    lines = [run(ruche, "--version").stdout.decode().strip()]
    for argv in (["runc", "--version"], ["mmdebstrap", "--version"], ["buildah", "--version"], ["dockerd", "--version"]):
        lines.append(run(*argv).stdout.decode().splitlines()[0])
    return lines


def write_table(path, ruche):
    lines = ["# Benchmarks", "", "Made by `make bench`: medians of one run on one machine with two cores. Machines are noisy: read the ratios.", "",
             "Data: the recipe of `examples/variant-calling` (Debian bookworm with bwa, samtools, bcftools) and a root",
             "file system of busybox alone.", "",
             f"Date: {datetime.date.today()}; versions: " + "; ".join(versions(ruche)) + ".", "",
             "| what | Ruche | alternative | ratio | target |", "|---|---|---|---|---|"]
    lines += ["| " + " | ".join(r) + " |" for r in ROWS]
    lines += ["", "An edited last step runs the recipe's four tests again, each in a container of its own, and writes lock, bill of",
              "materials and record, which `buildah` does not."]
    pathlib.Path(path).write_text("\n".join(lines) + "\n")
