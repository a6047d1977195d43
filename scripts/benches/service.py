"""The server: its start, its memory, its event streams, uploads to it."""
import os
import pathlib
import resource
import selectors
import socket
import statistics
import time

from benches.table import figure, row
from benches.programs import API, cpu_seconds, free_port, listening, nginx, resident, run, seconds, server, sync


def bench_serve(ruche, folder):
    starts, sizes = [], []
    for _ in range(7):
        with server(ruche, folder / "serve-data") as (_, process, started):
            starts.append(started)
            time.sleep(1)
            status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
            sizes.append(int(status.split("VmRSS:")[1].split()[0]) / 1024)
    figure("start of `ruche serve`", f"{statistics.median(starts):.3f} s", "< 0.3 s")
    figure("memory of an idle `ruche serve` (resident)", f"{statistics.median(sizes):.1f} MB", "< 40 MB")


def listen(path, count, selector):
    """Opens event streams and reads each up to its first comment."""
    for _ in range(count):
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(path))
        client.sendall(b"GET /api/v1/events?follow&kind=webhook.* HTTP/1.1\r\nHost: localhost\r\n\r\n")
        data = b""
        while b"\n\n\r\n" not in data:
            data += client.recv(4096)
        client.setblocking(False)
        selector.register(client, selectors.EVENT_READ)


def bench_events(ruche, folder, listeners=1000, rounds=30):
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, resource.getrlimit(resource.RLIMIT_NOFILE)[1]),) * 2)
    with server(ruche, folder / "events-data") as (api, process, _), selectors.DefaultSelector() as selector:
        before_memory = int(pathlib.Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
        listen(folder / "events-data/run/api.sock", listeners, selector)
        after_memory = int(pathlib.Path(f"/proc/{process.pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024
        first, last, begin_cpu, begin = [], [], cpu_seconds(process.pid), time.monotonic()
        for number in range(rounds):
            sent = time.monotonic()
            api.call("POST", "/api/v1/webhooks", {"url": "https://example.invalid/", "kinds": "no.thing"})
            left, times = set(selector.get_map()), []
            while left:
                for key, _ in selector.select(10):
                    if b"event: " in key.fileobj.recv(65536) and key.fd in left:
                        left.discard(key.fd)
                        times.append(time.monotonic() - sent)
            first.append(times[0])
            last.append(times[-1])
        cpu, wall = cpu_seconds(process.pid) - begin_cpu, time.monotonic() - begin
        for key in list(selector.get_map().values()):
            selector.unregister(key.fileobj)
            key.fileobj.close()
    figure(f"delay of an event to the first of {listeners:,} listeners", f"{statistics.median(first) * 1000:.1f} ms")
    figure(f"delay of an event to the last of {listeners:,} listeners, read by one Python process", f"{statistics.median(last) * 1000:.1f} ms")
    figure(f"CPU of an event to {listeners:,} listeners", f"{cpu / rounds * 1000:.1f} ms ({cpu / wall * 100:.0f} % while they come one after another)")
    figure(f"memory of {listeners:,} listeners", f"{after_memory - before_memory:.1f} MB")


def bench_upload(ruche, folder, size=2 << 30, repeat=5):
    """One file over TCP: to nginx by PUT, and to `ruche serve` by TUS with curl and with its own client."""
    source = folder / "source"
    with open(source, "wb") as file:
        for _ in range(size >> 24):
            file.write(os.urandom(1 << 24))
    data, other_port = folder / "data", free_port()
    theirs, durable, ours, client, hashes, cpu = [], [], [], [], [], []
    with listening(ruche, data) as (address, process, token):
        base, api = f"http://{address}", API(data / "run/api.sock")
        with nginx(folder / "nginx", other_port):
            for _ in range(repeat):
                sync()
                begin = time.monotonic()
                run("curl", "-sSf", "-T", source, f"http://127.0.0.1:{other_port}/file")
                theirs.append(time.monotonic() - begin)
                with open(folder / "nginx/files/file", "rb") as file:
                    os.fdatasync(file.fileno())
                durable.append(time.monotonic() - begin)
                (folder / "nginx/files/file").unlink()
                sync()
                begin_cpu, begin = cpu_seconds(process.pid), time.monotonic()
                created = run("curl", "-sSfi", "-X", "POST", "-H", "Tus-Resumable: 1.0.0", "-H", f"Upload-Length: {size}",
                              "-H", f"Authorization: Bearer {token}", f"{base}/api/v1/uploads").stdout.decode()
                place = next(line.split(":", 1)[1].strip() for line in created.splitlines() if line.lower().startswith("location:"))
                answer = run(
                    "curl", "-sSfi", "-X", "PATCH", "-T", source, "-H", "Tus-Resumable: 1.0.0", "-H", "Upload-Offset: 0", "-H", "Expect:",
                    "-H", "Content-Type: application/offset+octet-stream", "-H", f"Authorization: Bearer {token}", base + place
                ).stdout.decode()
                ours.append(time.monotonic() - begin)
                cpu.append(cpu_seconds(process.pid) - begin_cpu)
                forget(api, ruche, data, next(l.split(":", 1)[1].strip() for l in answer.splitlines() if l.lower().startswith("ruche-file:")))
                sync()
                begin = time.monotonic()
                sent = run(ruche, "file", "upload", source, "--server", base, "--quiet", env={**os.environ, "RUCHE_TOKEN": token})
                client.append(time.monotonic() - begin)
                forget(api, ruche, data, sent.stdout.decode().strip())
                hashes.append(seconds("sha256sum", source))
    rate = lambda times: f"{size / statistics.median(times) / 1e6:.0f} MB/s,"
    row(f"upload of {size >> 20} MiB with curl, hashed and synced (TUS) or neither (nginx, PUT)", (f"ruche {rate(ours)}", statistics.median(ours)),
        (f"nginx {rate(theirs)}", statistics.median(theirs)), "≤ 1")
    row("the same, nginx' file synced too", (f"ruche {rate(ours)}", statistics.median(ours)),
        (f"nginx {rate(durable)}", statistics.median(durable)), "≤ 1")
    row("the same with `ruche file upload`, which checks each piece", (f"ruche {rate(client)}", statistics.median(client)),
        (f"nginx {rate(durable)}", statistics.median(durable)), "")
    figure(f"CPU of the server for an upload of {size >> 20} MiB; sha256sum of it takes", f"{statistics.median(cpu):.2f} s, {statistics.median(hashes):.2f} s")


def forget(api, ruche, data, file):
    """Removes a file and its bytes, so that the disk does not fill and nothing is known before."""
    api.call("DELETE", f"/api/v1/files/{file}")
    run(ruche, "gc", "--data", data)
