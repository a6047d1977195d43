"""Machines beside mmdebstrap, mkosi, qemu-img, cp and a plain QEMU."""
import json
import pathlib
import shutil
import statistics
import subprocess
import time
import urllib.request

from benches.builds import build, bump
from benches.programs import ROOT, free_port, run, seconds
from benches.table import row

PACKAGES = (
    "busybox,dbus,e2fsprogs,initramfs-tools,iproute2,kmod,linux-image-cloud-amd64,netbase,openssh-server,sudo,"
    "systemd-resolved,systemd-sysv,systemd-timesyncd,udev,zstd")


def bench_machines(ruche, folder, repeat=3):
    recipe = folder / "minimal-vm"
    shutil.copytree(ROOT / "examples/minimal-vm", recipe)
    file = recipe / "ruche.yaml"
    file.write_text(file.read_text().replace("variants: [oci, qcow2]", "variants: [qcow2]"))
    data = folder / "data"
    plain, cold, other = [], [], []
    for index in range(repeat):
        tar = folder / f"plain{index}.tar"
        plain.append(seconds("mmdebstrap", "--variant=minbase", f"--include={PACKAGES}", "bookworm", tar))
        tar.unlink()
        other.append(mkosi(folder / "mkosi"))
        shutil.rmtree(data, ignore_errors=True)
        cold.append(build(ruche, data, recipe))
    first = statistics.median(cold)
    row("a recipe becomes a bootable qcow2, cold", ("ruche", first),
        ("mmdebstrap, same packages,", statistics.median(plain)), "≤ 1.5")
    row("the same", ("ruche", first), ("mkosi, same packages, without boot loader,", statistics.median(other)), "< 1")
    edits = []
    for index in range(repeat):
        file.write_text(bump(file.read_text()).replace("It works", f"It works {index}"))
        edits.append(build(ruche, data, recipe))
    row("the same after an edit of the last step", ("ruche", statistics.median(edits)), ("cold", first), "seconds")
    bench_formats(ruche, folder, recipe, data)
    bench_instances(ruche, folder, data)


def mkosi(folder):
    """Seconds until mkosi has a qcow2 of the same packages; a boot loader of its own would need the kernel's vfat."""
    folder.mkdir()
    mirror = run("apt-get", "indextargets", "--format", "$(REPO_URI)").stdout.decode().splitlines()[0]
    (folder / "mkosi.default").write_text(
        f"[Distribution]\nDistribution=debian\nRelease=bookworm\nMirror={mirror}\n"
        "[Output]\nFormat=gpt_ext4\nBootable=no\nQCow2=yes\nOutput=image.qcow2\n"
        f"[Content]\nPackages={PACKAGES}\n[Partitions]\nRootSize=2G\n")
    # systemd-nspawn asks for its folder where no systemd has made it.
    script = "[ -d /run/systemd/system ] || { mkdir -p /run/systemd && mount -t tmpfs tmpfs /run/systemd; }; exec mkosi --nspawn-keep-unit=yes build"
    taken = seconds("unshare", "-m", "sh", "-ec", script, cwd=folder)
    shutil.rmtree(folder)
    return taken


def disk(ruche, data):
    """The qcow2 file of the newest release."""
    shown = json.loads(run(ruche, "--data", data, "image", "show", "examples/minimal-vm", "--json").stdout)
    blobs = pathlib.Path(data) / "content/blobs/sha256"
    variant = next(v for v in shown["variants"] if v["format"] == "qcow2")
    manifest = json.loads((blobs / variant["digest"].removeprefix("sha256:")).read_text())
    return blobs / manifest["layers"][-1]["digest"].removeprefix("sha256:")


def bench_formats(ruche, folder, recipe, data):
    source = disk(ruche, data)
    file = recipe / "ruche.yaml"
    for form, options, rounds in (("vdi", [], 7), ("vmdk", ["-o", "subformat=streamOptimized"], 1)):
        ours, other = [], []
        for _ in range(rounds):
            text = bump(file.read_text())
            head, _, _ = text.partition("variants:")
            file.write_text(head + f"variants: [qcow2, {form}]\n")
            again = folder / "again"
            run("cp", "-a", data, again)
            run("sync")
            ours.append(build(ruche, again, recipe))
            shutil.rmtree(again)
            target = folder / f"plain.{form}"
            other.append(seconds("qemu-img", "convert", "-f", "qcow2", "-O", form, *options, source, target))
            target.unlink()
        row(f"one more format of a machine ({form})", ("ruche build", statistics.median(ours)),
            ("qemu-img convert", statistics.median(other)), "≤ 1.1")


def bench_instances(ruche, folder, data):
    source = disk(ruche, data)
    copies = []
    for _ in range(5):
        target = folder / "copy.qcow2"
        copies.append(seconds("cp", "--reflink=never", source, target))
        target.unlink()
    base = [ruche, "--data", data]
    starts = []
    for index in range(5):
        starts.append(seconds(*base, "up", "examples/minimal-vm", "--name", f"start{index}", "--detach"))
        run(*base, "instance", "destroy", f"start{index}")
    row("an instance before its first instruction", ("ruche up --detach", statistics.median(starts)),
        ("cp of the disk", statistics.median(copies)), "< 1 s")
    ready, plain = [], []
    for index in range(3):
        ready.append(seconds(*base, "up", "examples/minimal-vm", "--name", f"ready{index}"))
        run(*base, "instance", "destroy", f"ready{index}")
        plain.append(plain_start(folder, source))
    row("an instance that is healthy and can be logged in to", ("ruche up", statistics.median(ready)),
        ("qemu alone until its page answers", statistics.median(plain)))


def acceleration():
    """`kvm` where a machine that is stopped before its first instruction stays; the device alone says little."""
    argv = ["timeout", "2", "qemu-system-x86_64", "-accel", "kvm", "-cpu", "max", "-m", "64", "-nodefaults", "-display", "none", "-S"]
    return "kvm" if subprocess.run(argv, capture_output=True).returncode == 124 else "tcg,thread=multi"


def plain_start(folder, source):
    """Seconds until the page of the same disk answers."""
    overlay, port = folder / "overlay.qcow2", free_port()
    overlay.unlink(missing_ok=True)
    run("qemu-img", "create", "-q", "-f", "qcow2", "-b", source, "-F", "qcow2", overlay)
    accelerated = acceleration()
    begin = time.monotonic()
    guest = subprocess.Popen(
        ["qemu-system-x86_64", "-accel", accelerated, "-cpu", "max", "-m", "512", "-nodefaults",
         "-display", "none", "-drive", f"file={overlay},if=virtio", "-device", "virtio-rng-pci", "-netdev",
         f"user,id=n,hostfwd=tcp:127.0.0.1:{port}-:8080", "-device", "virtio-net-pci,netdev=n"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while time.monotonic() - begin < 900 and guest.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5):
                    return time.monotonic() - begin
            except OSError:
                time.sleep(0.2)
    finally:
        guest.kill()
        guest.wait()
    raise RuntimeError("the plain machine does not answer")
