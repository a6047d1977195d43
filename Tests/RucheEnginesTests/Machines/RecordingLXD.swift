import Foundation
import RucheCore
import RucheHost
import Support
import SystemPackage

/// A daemon of LXD's API that says it runs machines, and keeps what it is asked; for the words only, nothing runs.
struct RecordingLXD: Sendable {
    /// A request that changes something.
    struct Request: Hashable, Sendable, Decodable {
        var method: String
        var path: String
        /// The document; of a form the names of its parts.
        var body: JSONValue?
    }

    let folder: FilePath
    private let script: WatchedScript

    static var isUsable: Bool { Tool.find("python3") != nil }

    /// Returns when it listens.
    static func start(in folder: FilePath) async throws -> RecordingLXD {
        try BusyboxRoot.write(program, to: folder.appending("lxd.py"))
        let script = try WatchedScript(
            "cd $1; python3 lxd.py & cat >/dev/null; kill $!; wait $!", [folder.string],
            log: folder.appending("lxd.log"))
        let daemon = RecordingLXD(folder: folder, script: script)
        guard try await eventually({ FileTree.exists(daemon.socket) }) else {
            throw RucheError(.engineUnavailable, "the recording LXD does not start")
        }
        return daemon
    }

    var socket: FilePath { folder.appending("lxd.sock") }

    func end() async throws { try await script.end() }

    /// What starts fail with from now on; empty for nothing.
    func failStarts(_ message: String) throws { try BusyboxRoot.write(message, to: folder.appending("failure")) }

    func requests() throws -> [Request] {
        let text = String(decoding: try AtomicFile.read(folder.appending("requests")), as: UTF8.self)
        return try text.split(separator: "\n").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }

    private static let program = #"""
        import http.server, io, json, os, re, socketserver, tarfile

        images, instances = [], {}
        default = {"config": {}, "devices": {"root": {"type": "disk", "path": "/", "pool": "default"},
                                             "eth0": {"type": "nic", "network": "lxdbr0"}}}

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def address_string(self): return "socket"
            def give(self, metadata, status=200):
                body = json.dumps({"error_code": status, "error": "not found", "metadata": metadata}).encode()
                self.send_response(status)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def done(self, error=""):
                self.give({"id": "1", "status": "Failure" if error else "Success", "err": error})
            def handle_any(self):
                path = self.path.split("?")[0]
                name = path.split("/")[3] if path.count("/") > 2 else ""
                data = self.rfile.read(int(self.headers.get("content-length") or 0))
                if self.command != "GET": self.record(path, data)
                if path == "/1.0":
                    return self.give({"auth": "trusted", "environment": {"driver": "lxc | qemu"}})
                if path == "/1.0/profiles/default": return self.give(default)
                if path == "/1.0/images": return self.give(images) if self.command == "GET" else self.done()
                if path == "/1.0/instances" and self.command == "GET": return self.give(list(instances.values()))
                if path == "/1.0/instances":
                    made = json.loads(data)
                    instances[made["name"]] = {**made, "status": "Stopped", "architecture": "x86_64"}
                    return self.done()
                found = instances.get(name)
                if not found: return self.give(None, 404)
                if self.command == "GET": return self.give(found)
                if self.command == "DELETE": del instances[name]
                elif path.endswith("/state"):
                    action = json.loads(data)["action"]
                    failure = open("failure").read() if os.path.exists("failure") else ""
                    if action == "start" and failure: return self.done(failure)
                    found["status"] = "Running" if action == "start" else "Stopped"
                elif self.command == "PUT": found.update(json.loads(data))
                self.done()
            def record(self, path, data):
                try: body = json.loads(data) if data else None
                except ValueError:
                    body = [n.decode() for n in re.findall(rb'form-data; name="([^"]*)"', data)]
                    tar = tarfile.open(fileobj=io.BytesIO(data[data.index(b"\r\n\r\n") + 4:]), mode="r|")
                    properties = json.load(tar.extractfile(tar.next()))["properties"]
                    images.append({"fingerprint": "f00d", "properties": properties})
                with open("requests", "a") as log:
                    log.write(json.dumps({"method": self.command, "path": path, "body": body}) + "\n")
            do_GET = do_POST = do_PUT = do_DELETE = handle_any

        class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
            daemon_threads = True

        server = Server("new.sock", Handler)
        os.rename("new.sock", "lxd.sock")  # who sees it can connect
        server.serve_forever()

        """#
}
