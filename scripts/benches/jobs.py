"""Jobs: how soon they start, how many there can be, what they cost the server."""
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import threading
import time

from benches.table import figure, row
from benches.programs import API, docker, lxd, resident, run, seconds, server


def busybox_root(folder):
    """A root file system with nothing but busybox."""
    root = folder / "root"
    for name in ("bin", "tmp", "proc", "sys", "dev", "etc", "pipeline/inputs", "pipeline/outputs", "pipeline/logs", "pipeline/db"):
        (root / name).mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/busybox", root / "bin/busybox")
    for name in ("sh", "date", "true", "cat", "sleep"):
        (root / "bin" / name).symlink_to("busybox")
    (root / "etc/passwd").write_text("root:x:0:0::/:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\nnogroup:x:65534:\n")
    job = root / "pipeline/run.sh"
    job.write_text("#!/bin/sh\n: > /pipeline/outputs/first\n")
    job.chmod(0o755)
    run("tar", "-C", root, "-cf", folder / "root.tar", ".")
    return root


def trivial_release(ruche, data, folder):
    (folder / "trivial").mkdir()
    shutil.copy(folder / "root.tar", folder / "trivial/root.tar")
    (folder / "trivial/ruche.yaml").write_text(
        "ruche: 1\nname: bench/trivial\nversion: 1.0.0\nfrom: tar:root.tar\npipeline: {job: /pipeline/run.sh}\n")
    run(ruche, "build", folder / "trivial", "--data", data)


def runc_bundle(folder, root):
    bundle = folder / "bundle"
    bundle.mkdir()
    run("runc", "spec", cwd=bundle)
    spec = json.loads((bundle / "config.json").read_text())
    spec["root"] = {"path": str(root), "readonly": False}
    spec["process"]["terminal"] = False
    spec["process"]["args"] = ["/pipeline/run.sh"]
    spec["process"]["rlimits"] = []
    (bundle / "config.json").write_text(json.dumps(spec))
    return bundle


def bench_start(ruche, folder, count=31):
    """From the order to the first instruction: the modification time of the file that the job makes first."""
    root = busybox_root(folder)
    data = folder / "data"
    trivial_release(ruche, data, folder)
    bundle = runc_bundle(folder, root)
    outputs = folder / "outputs"
    outputs.mkdir()
    plain, ours, dockers = [], [], []
    (folder / "docker").mkdir()
    with server(ruche, data) as (api, _, _), docker(folder / "docker") as environment:
        subprocess.run(["/usr/bin/docker", "import", folder / "root.tar", "bench"], env=environment, check=True, capture_output=True)
        docker_run = ["/usr/bin/docker", "run", "--rm", "--network", "none", "-v", f"{outputs}:/pipeline/outputs", "bench", "/pipeline/run.sh"]
        api.job("bench/trivial")
        run(*docker_run, env=environment)
        for index in range(count):
            plain.append(latency(root / "pipeline/outputs/first", "runc", "run", f"bench{os.getpid()}-{index}", cwd=bundle))
            # Questions would take a processor from the container, as nothing does while `runc run` is waited for.
            begin, job = api.job("bench/trivial", pause=0.2)
            ours.append((os.stat(data / "jobs" / job["id"] / "outputs" / "first").st_mtime_ns - begin) / 1e9)
            dockers.append(latency(outputs / "first", *docker_run, env=environment))
        start = ("ruche", statistics.median(ours))
        row("start of a trivial job to its first instruction", start, ("runc run", statistics.median(plain)), "≤ 1.3")
        row("start of a trivial job to its first instruction", start, ("docker run", statistics.median(dockers)), "< 1")
        bench_throughput(api, [*docker_run], environment)


def latency(first, *argv, **kwargs):
    first.unlink(missing_ok=True)
    begin = time.time_ns()
    run(*argv, **kwargs)
    return (os.stat(first).st_mtime_ns - begin) / 1e9


def bench_engines(ruche, folder, count=15):
    """Start of the same job in a daemon's containers: by the daemon's own client, and by Ruche over its API."""
    busybox_root(folder)
    data = folder / "data"
    trivial_release(ruche, data, folder)
    for name in ("outputs", "docker", "lxd"):
        (folder / name).mkdir()
    settings = folder / "home/.config/ruche/config.yaml"
    settings.parent.mkdir(parents=True)
    os.environ.update(HOME=str(folder / "home"), XDG_CONFIG_HOME=str(folder / "home/.config"))
    settings.write_text(f"engines:\n  - {{kind: docker, socket: {folder}/docker/docker.sock}}\ndefault_engine: docker\n")
    with docker(folder / "docker") as environment:
        run("/usr/bin/docker", "import", folder / "root.tar", "bench", env=environment)
        first = folder / "outputs/first"
        command = ["/usr/bin/docker", "run", "--rm", "--network", "none", "-v", f"{first.parent}:/pipeline/outputs", "bench", "/pipeline/run.sh"]
        bench_engine(ruche, data, "docker", "docker run", count, lambda: latency(first, *command, env=environment))
    settings.write_text(f"engines:\n  - {{kind: lxd, socket: {folder}/lxd/unix.socket}}\ndefault_engine: lxd\n")
    with lxd(folder / "lxd") as environment:
        (folder / "metadata.yaml").write_text('{"architecture": "%s", "creation_date": 1}' % os.uname().machine)
        run("tar", "-C", folder, "-cf", folder / "metadata.tar", "metadata.yaml")
        run("lxc", "image", "import", folder / "metadata.tar", folder / "root.tar", "--alias", "bench", env=environment)
        bench_engine(ruche, data, "lxd", "lxc launch and exec", count, lambda: lxc_latency(folder, environment))


def bench_engine(ruche, data, engine, client, count, plain):
    ours, theirs = [], []
    with server(ruche, data) as (api, _, _):
        api.job("bench/trivial")
        plain()
        for _ in range(count):
            begin, job = api.job("bench/trivial", pause=0.2)
            ours.append((os.stat(data / "jobs" / job["id"] / "outputs" / "first").st_mtime_ns - begin) / 1e9)
            theirs.append(plain())
    row(f"start of a trivial job on {engine} to its first instruction", ("ruche", statistics.median(ours)),
        (client, statistics.median(theirs)), "≤ 1.1")


def lxc_latency(folder, environment):
    """The image has no init: a program that waits is in its place."""
    first = folder / "lxd/storage-pools/default/containers/plain/rootfs/pipeline/outputs/first"
    begin = time.time_ns()
    run("lxc", "launch", "bench", "plain", "-c", "raw.lxc=lxc.init.cmd=/bin/sleep 600", env=environment)
    run("lxc", "exec", "plain", "--", "/pipeline/run.sh", env=environment)
    result = (os.stat(first).st_mtime_ns - begin) / 1e9
    run("lxc", "delete", "--force", "plain", env=environment)
    return result


def two_at_a_time(count, body):
    numbers = iter(range(count))
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            body(number)

    begin = time.monotonic()
    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - begin


def bench_throughput(api, docker_run, environment, count=200):
    ours = two_at_a_time(count, lambda _: api.job("bench/trivial"))
    other = two_at_a_time(count, lambda _: run(*docker_run, env=environment))
    row(f"{count} trivial jobs, 2 at a time", (f"ruche {count / ours:.1f}/s,", ours),
        (f"docker run {count / other:.1f}/s,", other), "< 1")


def bench_queue(ruche, folder, count=1000, stored=100_000):
    """Many jobs at once: how fast they are taken and run, and what it costs the server; then lists of very many."""
    busybox_root(folder)
    data = folder / "data"
    trivial_release(ruche, data, folder)
    with server(ruche, data) as (api, process, _):
        api.job("bench/trivial")
        before = resident(process)
        begin = time.monotonic()
        submissions = []
        for _ in range(count):
            one = time.monotonic()
            job = api.call("POST", "/api/v1/jobs", {"release": "bench/trivial", "inputs": [], "parameters": {}})
            submissions.append(time.monotonic() - one)
        submitted = time.monotonic() - begin
        peak = resident(process)
        while any(engine["waiting"] + engine["used"]["slots"] for engine in api.call("GET", "/api/v1/queue")):
            time.sleep(0.05)
        seconds = time.monotonic() - begin
        states = [j["state"] for j in api.call("GET", f"/api/v1/jobs?limit={count}")["items"]]
        assert set(states) == {"succeeded"}, set(states)
        tenth = count // 10
        figure(f"{count} trivial jobs queued at once", f"{count / seconds:.1f} jobs/s", "")
        figure("submission, first and last tenth (median)",
               f"{statistics.median(submissions[:tenth]) * 1000:.1f} ms, {statistics.median(submissions[-tenth:]) * 1000:.1f} ms "
               f"({submitted:.1f} s in all)", "")
        figure("memory of the server before, with the queue, after (resident)",
               f"{before:.1f} MB, {peak:.1f} MB, {resident(process):.1f} MB", "")
    store_jobs(data / "ruche.db", stored)
    bench_lists(ruche, data, stored)


def store_jobs(database, count):
    """Copies of one job under other identifiers, owners, names and states."""
    alphabet = "0123456789abcdefghjkmnpqrstvwxyz"
    connection = sqlite3.connect(database)
    document = json.loads(connection.execute("SELECT document FROM jobs WHERE state = 'succeeded' LIMIT 1").fetchone()[0])
    summary = json.loads(connection.execute("SELECT summary FROM job_summaries WHERE state = 'succeeded' LIMIT 1").fetchone()[0])
    jobs, summaries = [], []
    for number in range(count):
        digits = "".join(alphabet[(number >> (5 * place)) & 31] for place in range(15, -1, -1))
        name = "01a0000000" + digits
        owner, state = f"lab{number % 50}", "failed" if number % 1000 == 0 else "succeeded"
        change = {"id": name, "owner": owner, "state": state, "name": f"sample-{number % 5000}"}
        jobs.append((name, state, json.dumps({**document, **change}), owner))
        summaries.append((name, state, owner, change["name"], 0, 0, json.dumps({**summary, **change})))
    with connection:
        connection.executemany("INSERT INTO jobs (id, state, document, owner) VALUES (?, ?, ?, ?)", jobs)
        connection.executemany("INSERT INTO job_summaries VALUES (?, ?, ?, ?, ?, ?, ?)", summaries)
    connection.close()


def bench_lists(ruche, data, stored, repeat=200):
    queries = ["", "?state=failed", "?owner=lab7", "?owner=lab7&state=failed", "?name=sample-77", "?cursor=01a00000000000000000000c00"]
    with server(ruche, data) as (api, process, started):
        figure(f"start of `ruche serve` with {stored} stored jobs", f"{started:.3f} s", "")
        for query in queries:
            times = []
            for _ in range(repeat):
                begin = time.monotonic()
                api.call("GET", f"/api/v1/jobs{query}")
                times.append((time.monotonic() - begin) * 1000)
            times.sort()
            figure(f"`GET /jobs{query}` of {stored} stored jobs, p50 and p99",
                   f"{statistics.median(times):.1f} ms, {times[int(len(times) * 0.99)]:.1f} ms", "")
        figure("memory of the server after those lists (resident)", f"{resident(process):.1f} MB", "")
