"""Programs that are measured, each with folders of its own and stopped by its process id."""
import contextlib
import crypt
import http.client
import json
import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def run(*argv, **kwargs):
    return subprocess.run([str(a) for a in argv], check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **kwargs)


def seconds(*argv, **kwargs):
    begin = time.monotonic()
    run(*argv, **kwargs)
    return time.monotonic() - begin


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


class API:
    """The HTTP API over the private socket."""

    def __init__(self, path):
        self.path = path

    def call(self, method, target, body=None):
        connection = UnixConnection(str(self.path))
        data = None if body is None else json.dumps(body)
        connection.request(method, target, data, {"Content-Type": "application/json"} if data else {})
        response = connection.getresponse()
        text = response.read()
        connection.close()
        if response.status >= 400:
            raise RuntimeError(f"{method} {target}: {response.status} {text.decode()}")
        return json.loads(text) if text else None

    def job(self, release, parameters=None, pause=0.002):
        """Submits, waits, returns (submission time in ns, job). Asks for the state once in `pause` seconds."""
        begin = time.time_ns()
        job = self.call("POST", "/api/v1/jobs", {"release": release, "inputs": [], "parameters": parameters or {}})
        while job["state"] not in ("succeeded", "failed", "cancelled"):
            time.sleep(pause)
            job = self.call("GET", f"/api/v1/jobs/{job['id']}")
        if job["state"] != "succeeded":
            raise RuntimeError(f"job {job['id']}: {job['state']} {job.get('exit')}")
        return begin, job


@contextlib.contextmanager
def server(ruche, data):
    socket_path = data / "run" / "api.sock"
    begin = time.monotonic()
    process = subprocess.Popen(
        [ruche, "serve", "--data", str(data)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while True:
        try:
            API(socket_path).call("GET", "/api")
            break
        except (OSError, RuntimeError):
            if time.monotonic() - begin > 20:
                raise
            time.sleep(0.005)
    started = time.monotonic() - begin
    try:
        yield API(socket_path), process, started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextlib.contextmanager
def listening(ruche, data):
    """A server on the loopback: its address, its process, and the token that may do everything."""
    port = free_port()
    process = subprocess.Popen(
        [ruche, "serve", "--data", str(data), "--listen", f"127.0.0.1:{port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not (data / "token").exists() or not (data / "run/api.sock").exists():
            if process.poll() is not None:
                raise RuntimeError("the server has ended")
            time.sleep(0.05)
        wait_for(port, process)
        yield f"127.0.0.1:{port}", process, (data / "token").read_text().strip()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextlib.contextmanager
def registry(folder, port, token):
    """Debian's docker-registry over a folder, for the user `bench` with that password, at the usual cost of bcrypt."""
    folder.mkdir()
    (folder / "htpasswd").write_text(f"bench:{crypt.crypt(token, '$2b$05$' + secrets.token_hex(11))}\n")
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\nauth: {{htpasswd: {{realm: bench, path: {folder}/htpasswd}}}}\n")
    process = subprocess.Popen(
        ["docker-registry", "serve", folder / "config.yml"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(port, process)
        yield f"127.0.0.1:{port}", process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def wait_for(port, process):
    """Returns when somebody listens at a port."""
    while process.poll() is None:
        with socket.socket() as client:
            if client.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} has ended")


@contextlib.contextmanager
def docker(folder):
    """A Docker engine of our own, without a bridge, stopped by its process id."""
    host = f"unix://{folder}/docker.sock"
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(
            ["dockerd", "--iptables=false", "--bridge=none", "--data-root", folder / "data", "--exec-root",
             folder / "exec", "--pidfile", folder / "pid", "--host", host], stdout=log, stderr=log)
    environment = {**os.environ, "DOCKER_HOST": host}
    for _ in range(300):
        if subprocess.run(["/usr/bin/docker", "version"], env=environment, capture_output=True).returncode == 0:
            break
        time.sleep(0.1)
    try:
        yield environment
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


@contextlib.contextmanager
def lxd(folder):
    """An LXD of our own with a pool of plain folders, stopped by its process id."""
    folder.chmod(0o711)
    environment = {**os.environ, "LXD_DIR": str(folder), "HOME": str(folder)}
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(["lxd", "--group", "root"], stdout=log, stderr=log, env=environment)
    preseed = ("storage_pools: [{name: default, driver: dir}]\n"
               "profiles: [{name: default, devices: {root: {path: /, pool: default, type: disk}}}]\n")
    try:
        run("lxd", "waitready", "--timeout", "60", env=environment)
        subprocess.run(["lxd", "init", "--preseed"], input=preseed, text=True, env=environment, check=True)
        yield environment
    finally:
        subprocess.run(["lxc", "stop", "--all", "--force"], env=environment)
        process.send_signal(signal.SIGTERM)
        process.wait(30)
        for line in reversed(pathlib.Path("/proc/self/mounts").read_text().splitlines()):
            if line.split()[1].startswith(str(folder)):
                subprocess.run(["umount", "-l", line.split()[1]])


NGINX = """
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
    access_log off; client_max_body_size 0; sendfile on; tcp_nopush on; client_body_temp_path {folder}/body;
    server {{ listen 127.0.0.1:{port}; root {folder}/files; dav_methods PUT DELETE; }}
}}
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@contextlib.contextmanager
def nginx(folder, port):
    """Debian's nginx that takes files by PUT, with one worker, stopped by its process id."""
    for name in ("files", "body"):
        (folder / name).mkdir(parents=True)
        os.chmod(folder / name, 0o777)
    folder.chmod(0o755)
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf", "-e", folder / "error.log"])
    try:
        wait_for(port, process)
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def sync():
    """So that what one wrote is not what the other waits for."""
    os.sync()
    time.sleep(1)


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(process):
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
