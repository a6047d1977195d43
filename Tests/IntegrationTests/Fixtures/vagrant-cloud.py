"""A server with documents as Vagrant Cloud gives them, and one file for each of its boxes.

vagrant-cloud.py FOLDER: prints its port. Boxes are FOLDER/*.box; log.txt there has a line for each request.
"""
import hashlib
import http.server
import json
import os
import sys

folder = sys.argv[1]
broken = set()


def checksum(name, kind="sha256"):
    return hashlib.new(kind, open(f"{folder}/{name}.box", "rb").read()).hexdigest()


def provider(name, url, kind=None, value=None, architecture=None, default=True):
    document = {
        "name": name, "hosted": True, "hosted_token": None, "original_url": None,
        "created_at": "2023-01-02T03:04:05.000Z", "updated_at": "2023-01-02T03:04:05.000Z",
        "download_url": url, "checksum": value, "checksum_type": kind,
    }
    if architecture:
        document |= {"architecture": architecture, "default_architecture": default}
    return document


def version(number, providers, status="active"):
    return {
        "version": number, "status": status, "description_html": f"<p>Notes {number}</p>",
        "description_markdown": f"Notes {number}", "created_at": "2023-01-02T03:04:05.000Z",
        "updated_at": "2023-01-02T03:04:05.000Z", "number": number, "providers": providers,
        "release_url": "https://app.example/release", "revoke_url": "https://app.example/revoke",
    }


def box(owner, name, versions, private=False):
    return {
        "created_at": "2023-01-02T03:04:05.000Z", "updated_at": "2023-01-02T03:04:05.000Z", "tag": f"{owner}/{name}",
        "name": name, "short_description": f"The box {name}", "description_html": "<p>Long</p>", "username": owner,
        "description_markdown": "**Long** text", "private": private, "downloads": 17, "versions": versions,
        "current_version": versions[0] if versions else None,
    }


def boxes(base):
    to = lambda path: f"{base}/{path}"
    return {
        "Good": box("Hashi", "Good", [
            version("2.0.0", [
                provider("libvirt", to("redirect/two"), "md5", checksum("two", "md5"), "amd64"),
                provider("libvirt", to("boxes/arm"), "sha512", checksum("arm", "sha512"), "arm64", False),
            ]),
            version("1.5.0", [provider("libvirt", to("boxes/two"))], "revoked"),
            version("1.0.0", [provider("libvirt", to("cut/one"), "sha256", checksum("one"))]),
        ]),
        "bad": box("Hashi", "bad", [
            version("6.0.0", [provider("libvirt", to("boxes/link"))]),
            version("5.0.0", [provider("libvirt", to("boxes/bomb"))]),
            version("4.0.0", [provider("libvirt", to("loop"))]),
            version("3.0.0", [provider("libvirt", to("boxes/one"), "sha256", "0" * 64)]),
            version("2.0.0", [
                provider("libvirt", to("boxes/one")), provider("virtualbox", to("boxes/one")),
                provider("lxc", to("missing")),
            ]),
            version("1.0.0", [provider("libvirt", "file:///etc/passwd")]),
            version("not a version", [provider("libvirt", to("boxes/one"))]),
        ]),
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        with open(f"{folder}/log.txt", "a") as log:
            log.write(f"{self.path} {self.headers.get('Range')} {self.headers.get('Authorization')}\n")

    def answer(self, body, status=200, **headers):
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def json(self, value):
        self.answer(json.dumps(value).encode(), Content_Type="application/json; charset=utf-8")

    def file(self, name, cut=False):
        data = open(f"{folder}/{name}.box", "rb").read()
        start = int(self.headers["Range"][6:].split("-")[0]) if self.headers.get("Range") else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.send_header("Content-Length", str(len(data) - start))
        self.end_headers()
        if cut and name not in broken:
            broken.add(name)
            self.wfile.write(data[start:start + 100_000])
            self.wfile.flush()
            self.connection.shutdown(2)
            self.close_connection = True
            return
        self.wfile.write(data[start:])

    def do_GET(self):
        base = f"http://127.0.0.1:{self.server.server_port}"
        path = self.path.split("/")[1:]
        all = boxes(base)
        # Version 1 of the API only.
        if path[:3] == ["api", "v1", "user"]:
            return self.json({"username": "Hashi", "boxes": [b | {"versions": []} for b in all.values()]})
        if path[:3] == ["api", "v1", "box"] and path[-1] in all:
            return self.json(all[path[-1]])
        if path[0] == "redirect":
            return self.answer(b"", 302, Location=f"/boxes/{path[1]}")
        if path[0] == "loop":
            return self.answer(b"", 302, Location="/loop")
        if path[0] == "boxes":
            return self.file(path[1])
        if path[0] == "cut":
            return self.file(path[1], cut=True)
        if path[0] == "static.json":
            entry = {"name": "libvirt", "url": f"{base}/boxes/one", "checksum_type": "sha1",
                     "checksum": checksum("one", "sha1").upper()}
            return self.json({"name": "by/hand", "versions": [{"version": "0.1.0", "providers": [entry]}]})
        if path[0] == "huge.json":
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            try:
                for _ in range(1024):
                    self.wfile.write(b" " * (1 << 20))
            except OSError:
                pass
            self.close_connection = True
            return None
        return self.answer(b'{"errors":["not found"]}', 404, Content_Type="application/json")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(f"{folder}/port.tmp", "w") as file:
    file.write(str(server.server_port))
os.rename(f"{folder}/port.tmp", f"{folder}/port")
server.serve_forever()
