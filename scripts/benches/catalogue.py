"""The catalogue: downloads, images pushed and pulled, boxes published."""
import concurrent.futures
import gzip
import hashlib
import io
import json
import os
import shutil
import statistics
import tarfile
import threading
import time

from benches.programs import cpu_seconds, free_port, listening, nginx, registry, resident, run, seconds, sync
from benches.table import figure, row

REPEAT = 3


def noise(path, size):
    with open(path, "wb") as file:
        for begin in range(0, size, 1 << 24):
            file.write(os.urandom(min(1 << 24, size - begin)))


class Hashed(io.RawIOBase):
    """A file that is hashed as it is written."""

    def __init__(self, file):
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def writable(self):
        return True

    def write(self, data):
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)


def add_blob(layout, data):
    digest = hashlib.sha256(data).hexdigest()
    (layout / "blobs/sha256" / digest).write_bytes(data)
    return {"digest": f"sha256:{digest}", "size": len(data)}


def add_layer(layout, content):
    """A layer that holds one file, compressed as registries expect and no smaller: its bytes are random."""
    target = layout / "blobs/sha256/layer"
    with open(target, "wb") as file:
        packed = Hashed(file)
        with gzip.GzipFile(fileobj=packed, mode="wb", compresslevel=0, mtime=0) as compressed:
            plain = Hashed(compressed)
            with tarfile.open(fileobj=plain, mode="w|") as archive:
                archive.add(content, "content")
    digest = packed.digest.hexdigest()
    target.rename(target.with_name(digest))
    layer = {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{digest}", "size": packed.size}
    return layer, f"sha256:{plain.digest.hexdigest()}"


def image(folder, count, size):
    """An OCI layout with one image of `count` layers of `size` random bytes."""
    layout = folder / f"image-{count}"
    (layout / "blobs/sha256").mkdir(parents=True)
    layers = []
    for _ in range(count):
        noise(folder / "content", size)
        layers.append(add_layer(layout, folder / "content"))
    (folder / "content").unlink()
    config = {"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [d for _, d in layers]}}
    manifest = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **add_blob(layout, json.dumps(config).encode())},
        "layers": [layer for layer, _ in layers]}
    entry = {"mediaType": manifest["mediaType"], **add_blob(layout, json.dumps(manifest).encode())}
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return layout, layers


def push(layout, address, name, token=None):
    credentials = ["--dest-creds", f"bench:{token}"] if token else []
    return seconds("skopeo", "copy", "-q", "--dest-tls-verify=false", *credentials, f"oci:{layout}", f"docker://{address}/{name}")


def pull(target, address, name, token=None):
    credentials = ["--src-creds", f"bench:{token}"] if token else []
    taken = seconds("skopeo", "copy", "-q", "--src-tls-verify=false", *credentials, f"docker://{address}/{name}", f"dir:{target}")
    shutil.rmtree(target)
    return taken


class Peak:
    """The most memory that a process had while this was watched, in MB."""

    def __init__(self, process):
        self.process, self.most, self.ended = process, 0, threading.Event()

    def __enter__(self):
        self.thread = threading.Thread(target=self.watch)
        self.thread.start()
        return self

    def watch(self):
        while not self.ended.wait(0.05):
            self.most = max(self.most, resident(self.process))

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()


def bench_download(ruche, folder, size=2 << 30):
    """One blob over TCP, by curl: from nginx with sendfile, and from `ruche serve`."""
    layout, layers = image(folder, 1, size)
    digest = layers[0][0]["digest"]
    other_port = free_port()
    with listening(ruche, folder / "data") as (address, process, token), nginx(folder / "nginx", other_port) as other:
        push(layout, address, "bench/big:1.0.0", token)
        os.link(layout / "blobs/sha256" / digest.split(":")[1], folder / "nginx/files/big")
        ours = ["-H", f"Authorization: Bearer {token}", f"http://{address}/v2/bench/big/blobs/{digest}"]
        theirs = [f"http://127.0.0.1:{other_port}/big"]
        with Peak(process) as peak:
            for clients in (1, 16):
                compare_downloads(clients, (ours, process), (theirs, other), size)
        figure("memory of the server while it is downloaded from, at most", f"{peak.most:.0f} MB")


def compare_downloads(clients, ours, theirs, size):
    times, costs = ([], []), ([], [])
    for _ in range(REPEAT):
        for index, (arguments, process) in enumerate((ours, theirs)):
            begin_cpu = cpu_seconds(process.pid)
            times[index].append(download(clients, arguments))
            costs[index].append(cpu_seconds(process.pid) - begin_cpu)
    rate = lambda values: f"{clients * size / statistics.median(values) / 1e6:.0f} MB/s,"
    what = f"download of {size >> 20} MiB, {clients} client{'s' * (clients > 1)}"
    row(what, (f"ruche {rate(times[0])}", statistics.median(times[0])), (f"nginx {rate(times[1])}", statistics.median(times[1])), "≤ 1.11")
    row(f"{what}: CPU", ("ruche", statistics.median(costs[0])), ("nginx", statistics.median(costs[1])), "≤ 1.3")


def download(clients, arguments):
    begin = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(clients) as pool:
        for one in [pool.submit(run, "curl", "-sSf", "-o", "/dev/null", *arguments) for _ in range(clients)]:
            one.result()
    return time.monotonic() - begin


def bench_registry(ruche, folder, size=2 << 30, layers=200):
    """Images pushed and pulled with skopeo: `ruche serve` beside docker-registry, both asking who one is."""
    other_port = free_port()
    with listening(ruche, folder / "data") as (address, process, token), registry(folder / "registry", other_port, token) as (other, _):
        with Peak(process) as peak:
            for count, each, what in ((1, size, f"an image of {size >> 20} MiB"), (layers, 64 << 10, f"an image of {layers} layers of 64 KiB")):
                compare_images(image(folder, count, each)[0], count, what, (address, token), (other, token), folder)
        figure("memory of the server while images are pushed and pulled, at most", f"{peak.most:.0f} MB")


def compare_images(layout, count, what, ours, theirs, folder):
    pushes, pulls = ([], []), ([], [])
    for repeat in range(REPEAT):
        for index, (address, token) in enumerate((ours, theirs)):
            # A name of its own each time; the second one finds its blobs in another repository of the same site.
            name = f"bench{repeat}/image-{count}:1.0.0"
            sync()
            pushes[index].append(push(layout, address, name, token))
            sync()
            pulls[index].append(pull(folder / "pulled", address, name, token))
    shutil.rmtree(layout)
    # The first push of each brings the bytes, and so there is only one of it.
    row(f"push of {what}", ("ruche", pushes[0][0]), ("docker-registry", pushes[1][0]), "< 1")
    row(f"push of {what} to another repository", ("ruche", statistics.median(pushes[0][1:])), ("docker-registry", statistics.median(pushes[1][1:])), "< 1")
    row(f"pull of {what}", ("ruche", statistics.median(pulls[0])), ("docker-registry", statistics.median(pulls[1])), "< 1")


def bench_publish(ruche, folder, size=2 << 30):
    """A box by `vagrant cloud publish`, beside its bare file by curl to nginx."""
    noise(folder / "box.img", size)
    (folder / "metadata.json").write_text(json.dumps({"provider": "libvirt", "format": "raw", "virtual_size": 2}))
    run("tar", "-C", folder, "-cf", folder / "big.box", "metadata.json", "box.img")
    (folder / "box.img").unlink()
    other_port, ours, theirs = free_port(), [], []
    with listening(ruche, folder / "data") as (address, process, token), nginx(folder / "nginx", other_port), Peak(process) as peak:
        environment = {**os.environ, "VAGRANT_SERVER_URL": f"http://{address}", "VAGRANT_CLOUD_TOKEN": token, "VAGRANT_HOME": str(folder / "vagrant"),
                       "VAGRANT_CHECKPOINT_DISABLE": "1"}
        idle = statistics.median(seconds("vagrant", "cloud", "auth", "whoami", env=environment) for _ in range(REPEAT))
        for repeat in range(REPEAT):
            ours.append(seconds("vagrant", "cloud", "publish", "-f", "-r", "bench/big", f"1.0.{repeat}", "libvirt", folder / "big.box", env=environment))
            theirs.append(seconds("curl", "-sSf", "-T", folder / "big.box", f"http://127.0.0.1:{other_port}/big-{repeat}"))
    row(f"`vagrant cloud publish` of a box of {size >> 20} MiB; `curl -T` of its file", ("ruche", statistics.median(ours)), ("nginx", statistics.median(theirs)))
    figure("`vagrant cloud` that only asks who one is", f"{idle:.3f} s")
    figure("memory of the server while boxes are published, at most", f"{peak.most:.0f} MB")
