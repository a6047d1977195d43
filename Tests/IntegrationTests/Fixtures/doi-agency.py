"""A registration agency that speaks as DataCite's REST interface does. Usage: doi-agency.py FOLDER

Writes its port to FOLDER/port, each request to FOLDER/log, and what it has to FOLDER/dois.json. FOLDER/mode says how it
answers: "ok", "down" (a 503 that repeats the password), or "hang" (does what is asked and never says so).
"""
import base64
import http.server
import json
import pathlib
import sys
import time

folder = pathlib.Path(sys.argv[1])
store = folder / "dois.json"
dois = json.loads(store.read_text()) if store.exists() else {}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/vnd.api+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def refuse(self, status, title):
        self.answer(status, {"errors": [{"status": str(status), "title": title}]})

    def handle_request(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        mode = (folder / "mode").read_text().strip()
        with open(folder / "log", "a") as log:
            log.write(f"{mode} {self.command} {self.path}\n")
        secret = base64.b64decode(self.headers.get("Authorization", "Basic ").split(" ")[1]).decode()
        if secret != "LAB.RUCHE:correct-horse-9":
            return self.refuse(401, "Bad credentials.")
        if mode == "down":
            return self.refuse(503, f"Out of order, {secret}.")
        doi = self.path.removeprefix("/dois").removeprefix("/").lower()
        if self.command != "GET":
            attributes = json.loads(body)["data"]["attributes"]
            if self.command == "POST":
                doi = attributes["doi"].lower()
                if doi in dois:
                    return self.refuse(422, "This DOI has already been taken")
            if not doi.startswith("10.5072/"):
                return self.refuse(403, "You are not authorized to access this resource.")
            # A change leaves what it does not name.
            attributes = {**dois.get(doi, {}), **attributes}
            state = attributes.get("state", "draft")
            event = attributes.pop("event", None)
            lacking = [name for name in ("url", "creators", "titles", "publisher", "publicationYear", "types") if not attributes.get(name)]
            if event and lacking:
                return self.refuse(422, f"missing: {lacking}")
            state = {"publish": "findable", "hide": "registered", "register": "registered"}.get(event, state)
            dois[doi] = {**attributes, "doi": doi, "state": state}
            new = store.with_suffix(".new")
            new.write_text(json.dumps(dois))
            new.rename(store)
        if doi not in dois:
            return self.refuse(404, "The resource you are looking for doesn't exist.")
        if mode == "hang" and self.command != "GET":
            time.sleep(600)
        self.answer(201 if self.command == "POST" else 200, {"data": {"id": doi, "type": "dois", "attributes": dois[doi]}})

    do_GET = do_POST = do_PUT = handle_request


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
(folder / "port.new").write_text(str(server.server_port))
(folder / "port.new").rename(folder / "port")
server.serve_forever()
