"""Metadata of boxes, as `vagrant box add OWNER/NAME` asks for it, in a catalogue of very many."""
import http.client
import json
import random
import statistics
import time

from benches.programs import cpu_seconds, free_port, listening, nginx, resident
from benches.table import figure, row

ACCEPT = {"Accept": "application/json"}


class Client:
    """One connection that stays open, as a proxy in front of a site keeps it."""

    def __init__(self, address, token=None):
        self.connection = http.client.HTTPConnection(address)
        self.headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})

    def call(self, method, path, body=None):
        self.connection.request(method, path, json.dumps(body) if body is not None else None, self.headers | ACCEPT)
        response = self.connection.getresponse()
        text = response.read()
        if response.status >= 400:
            raise RuntimeError(f"{method} {path}: {response.status} {text.decode()}")
        return text


def publish(client, number):
    """A public box of three providers, whose files are kept elsewhere, through the requests of `vagrant cloud publish`."""
    name, base = f"box{number}", "/api/v2"
    client.call("POST", f"{base}/boxes", {"box": {"username": "bench", "name": name, "is_private": False}})
    client.call("POST", f"{base}/box/bench/{name}/versions", {"version": {"version": "1.0.0", "description": "A box."}})
    for provider in ("libvirt", "virtualbox", "vmware_desktop"):
        client.call("POST", f"{base}/box/bench/{name}/version/1.0.0/providers",
                    {"provider": {"name": provider, "url": f"https://example.org/{name}/{provider}.box", "architecture": "amd64"}})
    client.call("PUT", f"{base}/box/bench/{name}/version/1.0.0/release", {})


def bench_boxes(ruche, folder, count=10_000, repeat=3000):
    """`GET /OWNER/NAME` among very many boxes, beside nginx with the same documents as files."""
    other_port = free_port()
    with listening(ruche, folder / "data") as (address, process, token), nginx(folder / "nginx", other_port):
        writer = Client(address, token)
        begin = time.monotonic()
        for number in range(count):
            publish(writer, number)
        figure(f"{count} boxes published, one after another", f"{count / (time.monotonic() - begin):.0f}/s")
        reader, other = Client(address), Client(f"127.0.0.1:{other_port}")
        (folder / "nginx/files/bench").mkdir()
        numbers = random.sample(range(count), repeat)
        for number in numbers:
            (folder / f"nginx/files/bench/box{number}").write_bytes(reader.call("GET", f"/bench/box{number}"))
        before, cpu = resident(process), cpu_seconds(process.pid)
        ours, theirs = [], []
        for number in numbers:
            for client, times in ((reader, ours), (other, theirs)):
                begin = time.monotonic()
                client.call("GET", f"/bench/box{number}")
                times.append(time.monotonic() - begin)
        cost = (cpu_seconds(process.pid) - cpu) / repeat
        ours.sort()
        row(f"metadata of one of {count} boxes, a static file of it", ("ruche", statistics.median(ours)), ("nginx", statistics.median(theirs)))
        figure(f"metadata of one of {count} boxes, p99 and CPU", f"{ours[int(repeat * 0.99)] * 1000:.1f} ms, {cost * 1000:.2f} ms")
        figure(f"memory of the server with {count} boxes (resident)", f"{before:.1f} MB, {resident(process):.1f} MB")
