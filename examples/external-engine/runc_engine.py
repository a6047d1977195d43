#!/usr/bin/python3
"""A container manager for Ruche: runs containers with runc, each watched by conmon.

It speaks the protocol of docs/engine-protocol.md on its standard input and output, and needs nothing but
Python's own library, runc and conmon. All it knows of a container is in files below DATA/run/NAME, so that
containers go on, and are found again, when this program or the server ends.
"""

import concurrent.futures
import contextlib
import errno
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time

PROTOCOL = 1
CAPABILITIES = [
    "pause", "stats", "limits", "network", "persistent", "unfinished-lines", "writable-layer", "out-of-memory",
]
KILLED = 128 + signal.SIGKILL
CGROUPS = "/sys/fs/cgroup"


class Failure(Exception):
    """An error for the server: a code of the protocol and a sentence."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError as error:
        # The last two of a process and of a control group that went after they were opened.
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ESRCH, errno.ENODEV):
            return None
        raise


def write(path, text):
    """Whole or not at all."""
    partial = f"{path}.{os.getpid()}.{threading.get_ident()}"
    with open(partial, "w", encoding="utf-8") as file:
        os.chmod(partial, 0o600)
        file.write(text)
    os.replace(partial, path)


def group_file(controller, group, name):
    """A file of a control group, of either version."""
    for path in (f"{CGROUPS}/{controller}/{group}/{name}", f"{CGROUPS}/{group}/{name}"):
        text = read(path)
        if text is not None:
            return text
    return None


def number(text, default=0):
    try:
        return int(text)
    except (TypeError, ValueError):
        return default


def field(text, key):
    for line in (text or "").splitlines():
        words = line.split()
        if len(words) == 2 and words[0] == key:
            return number(words[1])
    return 0


class Container:
    """The folder of one container. Every method may be called from another process that took over."""

    def __init__(self, engine, name):
        self.engine = engine
        self.name = name
        self.folder = os.path.join(engine.folder, "containers", name)

    def path(self, name):
        return os.path.join(self.folder, name)

    def exists(self):
        return os.path.isdir(self.folder)

    def require(self):
        if not self.exists():
            raise Failure("not_found", f"there is no container {self.name}")

    def record(self):
        text = read(self.path("record.json"))
        if text is None:
            # It has gone since it was looked for, or making it was interrupted before.
            raise Failure("not_found", f"there is no container {self.name}")
        return json.loads(text)

    def runc(self, *arguments, check=True):
        command = ["runc", "--root", self.engine.runc_root, *arguments]
        result = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
        if check and result.returncode != 0:
            raise Failure("engine_unavailable", result.stderr.strip()[-500:] or f"runc {arguments[0]} failed")
        return result

    # Making and starting

    def create(self, parameters):
        try:
            os.makedirs(os.path.dirname(self.folder), mode=0o700, exist_ok=True)
            os.mkdir(self.folder, 0o700)
        except FileExistsError:
            raise Failure("conflict", f"there is a container {self.name} already: delete it first") from None
        try:
            self.make(parameters)
        except BaseException:
            self.delete()
            raise

    def make(self, parameters):
        scratch = parameters["scratch"]
        record = {
            "scratch": scratch,
            "group": parameters["oci"]["linux"]["cgroupsPath"].lstrip("/"),
            "time": parameters["limits"].get("time_seconds"),
            "boot": read("/proc/sys/kernel/random/boot_id"),
        }
        write(self.path("record.json"), json.dumps(record))
        for name in ("upper", "work", "root"):
            os.makedirs(os.path.join(scratch, name), exist_ok=True)
        layers = ":".join(reversed(parameters["image"]["layers"]))
        options = f"lowerdir={layers},upperdir={scratch}/upper,workdir={scratch}/work"
        run_checked(["mount", "-t", "overlay", "overlay", "-o", options, f"{scratch}/root"])
        # The configuration holds the environment, and with it secrets: a file for root, no argument.
        write(self.path("config.json"), json.dumps(parameters["oci"]))
        os.symlink(parameters["console_log"], self.path("log"))
        self.supervise(record)

    def supervise(self, record):
        """Starts conmon, which makes the container and stays with it when this program has gone."""
        for name in ("status", "s"):
            os.mkdir(self.path(name), 0o700)
        reader, writer = os.pipe()
        command = [
            "conmon", "--api-version", "1", "--cid", self.name, "--cuuid", self.name, "--name", self.name,
            "--runtime", shutil.which("runc"), "--bundle", self.folder,
            "--container-pidfile", self.path("pid"), "--conmon-pidfile", self.path("conmon.pid"),
            "--log-path", "k8s-file:log", "--log-global-size-max", str(self.engine.log_limit), "--no-sync-log",
            "--exit-dir", self.path("status"), "--socket-dir-path", "s", "--persist-dir", self.folder,
            f"--runtime-arg=--root={self.engine.runc_root}", f"--runtime-arg=--log={self.path('runc.log')}",
            "--runtime-arg=--log-format=json",
        ]
        if record["time"]:
            # For the case that nobody is here to end it: ten seconds later than this program does.
            command += ["--timeout", str(record["time"] + 10)]
        try:
            with open(self.path("conmon.log"), "wb") as log:
                subprocess.run(
                    command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log,
                    pass_fds=[writer], env={**os.environ, "_OCI_SYNCPIPE": str(writer)}, check=False)
        finally:
            os.close(writer)
        with os.fdopen(reader) as pipe:
            report = json.loads(pipe.readline() or "{}")
        if report.get("data", -1) <= 0:
            raise Failure("engine_unavailable", f"the container could not be made: {self.reason(report)}")

    def reason(self, report):
        for line in (read(self.path("runc.log")) or "").splitlines():
            if '"level":"error"' in line:
                return json.loads(line).get("msg", line)
        return report.get("message") or read(self.path("conmon.log")) or "conmon ended early"

    def start(self):
        self.require()
        if self.state()["state"] != "created":
            return
        write(self.path("started"), repr(time.clock_gettime(time.CLOCK_BOOTTIME)))
        result = self.runc("start", self.name, check=False)
        if result.returncode != 0 and self.state()["state"] == "created":
            raise Failure("engine_unavailable", result.stderr.strip()[-500:])

    # What it does now

    def state(self):
        if not self.exists():
            return {"state": "absent"}
        kept = read(self.path("exit.json"))
        if kept:
            return {"state": "exited", "exit": json.loads(kept)}
        try:
            record = self.record()
        except Failure:
            lost = {"code": 255, "lost": "making it was interrupted"}
            return {"state": "exited", "exit": lost} if self.exists() else {"state": "absent"}
        if record["boot"] != read("/proc/sys/kernel/random/boot_id"):
            return self.keep({"code": 255, "lost": "the machine was restarted while it ran"})
        # In this order: conmon writes the status and then ends.
        alive = self.supervisor() is not None
        status = read(self.path(f"status/{self.name}"))
        if status:
            return self.finish(record, int(status))
        if not os.path.exists(self.path("conmon.pid")):
            return {"state": "exited", "exit": {"code": 255, "lost": "making it was interrupted"}}
        if not alive:
            return self.keep({"code": 255, "lost": "its supervisor conmon was ended"})
        if not os.path.exists(self.path("started")):
            return {"state": "created"}
        frozen = (group_file("freezer", record["group"], "freezer.state") or "").strip() == "FROZEN"
        frozen = frozen or field(group_file("", record["group"], "cgroup.events"), "frozen") == 1
        return {"state": "paused" if frozen else "running"}

    def finish(self, record, status):
        group = record["group"]
        kills = field(group_file("memory", group, "memory.oom_control"), "oom_kill")
        kills += field(group_file("memory", group, "memory.events"), "oom_kill")
        late = os.path.exists(self.path("late"))
        code = KILLED if status < 0 else status
        timed_out = status < 0 or (late and code == KILLED)
        memory = (kills > 0 or os.path.exists(self.path("oom"))) and code != 0 and not timed_out
        return self.keep({"code": code, "out_of_memory": memory, "timed_out": timed_out})

    def keep(self, exit):
        try:
            write(self.path("exit.json"), json.dumps(exit))
        except FileNotFoundError:
            pass  # somebody removed it meanwhile
        return {"state": "exited", "exit": exit}

    def supervisor(self):
        """conmon's process number while it lives."""
        pid = number(read(self.path("conmon.pid")), 0)
        line = read(f"/proc/{pid}/cmdline") if pid else None
        return pid if line and self.name in line.split("\0") else None

    def watch(self):
        """Ends a container whose time is over; true when it has ended."""
        if not self.exists() or os.path.exists(self.path(f"status/{self.name}")):
            return True
        started = read(self.path("started"))
        limit = self.record()["time"] if started else None
        if limit and time.clock_gettime(time.CLOCK_BOOTTIME) >= float(started) + limit:
            write(self.path("late"), "")
            self.kill()
        return False

    # Steering

    def pause(self):
        self.steer("pause", "running")

    def resume(self):
        self.steer("resume", "paused")

    def steer(self, verb, when):
        self.require()
        state = self.state()["state"]
        if state not in ("running", "paused"):
            raise Failure("invalid_state", f"the container {self.name} does not run, it can't be {verb}d")
        if state != when:
            return None
        for attempt in range(10):
            try:
                return self.runc(verb, self.name)
            except Failure as failure:
                # A matter of luck where new processes come faster than runc can freeze them (cgroup v1).
                if "unable to freeze" not in str(failure) or attempt == 9:
                    raise
            time.sleep(0.1)

    def send(self, signal_number):
        self.require()
        state = self.state()["state"]
        if state == "exited":
            return
        if signal_number == signal.SIGKILL:
            return self.kill()
        self.runc("kill", self.name, str(signal_number), check=False)

    def kill(self):
        self.runc("kill", self.name, "KILL", check=False)
        # A frozen process takes the signal when it is thawed.
        if self.state()["state"] == "paused":
            self.runc("resume", self.name, check=False)

    def stats(self):
        self.require()
        group = self.record()["group"]
        memory = group_file("memory", group, "memory.stat")
        used = number(group_file("memory", group, "memory.usage_in_bytes")
                      or group_file("memory", group, "memory.current"))
        idle = field(memory, "total_inactive_file") or field(memory, "inactive_file")
        limit = number(group_file("memory", group, "memory.limit_in_bytes")
                       or group_file("memory", group, "memory.max"))
        answer = {
            "cpu_nanoseconds": number(group_file("cpuacct", group, "cpuacct.usage"))
            or field(group_file("cpu", group, "cpu.stat"), "usage_usec") * 1000,
            "memory_bytes": max(0, used - idle),
            "memory_peak_bytes": number(group_file("memory", group, "memory.max_usage_in_bytes")
                                        or group_file("memory", group, "memory.peak"), used),
            "processes": number(group_file("pids", group, "pids.current")),
        }
        answer["read_bytes"], answer["written_bytes"] = self.transfers(group)
        if 0 < limit < 1 << 60:
            answer["memory_limit_bytes"] = limit
        return answer

    def transfers(self, group):
        done = [0, 0]
        for line in (group_file("blkio", group, "blkio.throttle.io_service_bytes_recursive") or "").splitlines():
            words = line.split()
            if len(words) == 3 and words[1] in ("Read", "Write"):
                done[words[1] == "Write"] += number(words[2])
        for line in (group_file("io", group, "io.stat") or "").splitlines():
            for word in line.split()[1:]:
                key, _, value = word.partition("=")
                if key in ("rbytes", "wbytes"):
                    done[key == "wbytes"] += number(value)
        return done

    def delete(self):
        """Ends what runs and removes every trace but the log, also of a container that is half made."""
        if not self.exists():
            return
        self.runc("delete", "--force", self.name, check=False)
        end = time.monotonic() + 10
        while (pid := self.supervisor()) and time.monotonic() < end + 1:
            if time.monotonic() >= end:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.005)
        record = read(self.path("record.json"))
        if record:
            scratch = json.loads(record)["scratch"]
            while os.path.ismount(f"{scratch}/root"):
                run_checked(["umount", f"{scratch}/root"])
            for name in ("upper", "work", "root"):
                shutil.rmtree(f"{scratch}/{name}", ignore_errors=True)
        # In one step, so that nobody sees half of it.
        aside = os.path.join(self.engine.removed, f"{self.name}.{time.monotonic_ns()}")
        try:
            os.rename(self.folder, aside)
        except FileNotFoundError:
            if self.exists():
                raise
            return  # somebody was faster
        shutil.rmtree(aside, ignore_errors=True)


def run_checked(command):
    result = subprocess.run(command, capture_output=True, text=True, errors="replace", stdin=subprocess.DEVNULL)
    if result.returncode != 0:
        raise Failure("engine_unavailable", f"{command[0]}: {result.stderr.strip()[-500:]}")


class Engine:
    """The methods of the protocol, by their names."""

    def hello(self, parameters):
        self.folder = os.path.join(parameters["data"], "run", parameters["engine"])
        self.runc_root = os.path.join(self.folder, "runc")
        self.log_limit = parameters["console_log_limit"]
        self.removed = os.path.join(self.folder, "removed")
        for folder in (self.runc_root, self.removed):
            os.makedirs(folder, mode=0o700, exist_ok=True)
        for name in os.listdir(self.removed):  # of a program that was killed
            shutil.rmtree(os.path.join(self.removed, name), ignore_errors=True)
        threading.Thread(target=self.watch, daemon=True).start()
        return {"protocol": PROTOCOL, "capabilities": CAPABILITIES, "image": "layers", "events": ["exited"]}

    def watch(self):
        """Tells the server of containers that end, and ends those whose time is over."""
        running = set()
        while True:
            names = set(self.names())
            for name in running | names:
                try:
                    ended = Container(self, name).watch()
                except (OSError, ValueError, Failure) as error:
                    print(f"{name}: {error}", file=sys.stderr)
                    continue
                if ended and name in running:
                    running.discard(name)
                    say({"event": "exited", "container": name})
                elif not ended:
                    running.add(name)
            time.sleep(0.02)

    def names(self):
        try:
            return sorted(os.listdir(os.path.join(self.folder, "containers")))
        except FileNotFoundError:
            return []

    def check(self, _):
        findings = []
        if os.geteuid() != 0:
            findings.append({"message": "containers need root's rights"})
        for tool in ("runc", "conmon"):
            if not shutil.which(tool):
                findings.append(
                    {"message": f'the program "{tool}" is not on this machine', "remedy": f"apt install {tool}"})
        return {"findings": findings}

    def create(self, parameters):
        Container(self, parameters["container"]).create(parameters)

    def list(self, _):
        return {"containers": self.names()}

    def state(self, parameters):
        return Container(self, parameters["container"]).state()

    def start(self, parameters):
        Container(self, parameters["container"]).start()

    def pause(self, parameters):
        Container(self, parameters["container"]).pause()

    def resume(self, parameters):
        Container(self, parameters["container"]).resume()

    def signal(self, parameters):
        Container(self, parameters["container"]).send(parameters["signal"])

    def stats(self, parameters):
        return Container(self, parameters["container"]).stats()

    def delete(self, parameters):
        Container(self, parameters["container"]).delete()


METHODS = ("hello", "check", "create", "start", "state", "pause", "resume", "signal", "stats", "delete", "list")
output = threading.Lock()


def say(message):
    with output:
        sys.stdout.write(json.dumps(message) + "\n")
        sys.stdout.flush()


def answer(engine, request):
    try:
        if request["method"] not in METHODS:
            raise Failure("unsupported", f"there is no method {request['method']}")
        result = getattr(engine, request["method"])(request.get("params", {}))
        say({"id": request["id"], "result": result or {}})
    except Failure as failure:
        say({"id": request["id"], "error": {"code": failure.code, "message": str(failure)}})
    except Exception as error:  # one request that fails must not end the program
        say({"id": request["id"], "error": {"code": "engine_unavailable", "message": f"{error!r}"}})


def main():
    engine = Engine()
    # Requests run beside each other: one that lasts must not keep the others waiting.
    with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
        for line in sys.stdin:
            request = json.loads(line)
            if request["method"] == "hello":
                answer(engine, request)
            else:
                pool.submit(answer, engine, request)
    # The server has gone. What runs goes on: conmon watches it.
    os._exit(0)


if __name__ == "__main__":
    main()
