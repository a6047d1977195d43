"""Runs one cell in each kernel of a person's notebook server, through JupyterHub's API.

Usage: run-cells.py URL TOKEN USER KERNEL=CODE=EXPECTED…
"""

import asyncio
import json
import sys
import uuid

from tornado.httpclient import AsyncHTTPClient, HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

base, token, user, *cells = sys.argv[1:]
headers = {"Authorization": f"token {token}", "Content-Type": "application/json"}


async def ask(method, path, body=None):
    """The answer of the hub or of a notebook server, as JSON."""
    request = HTTPRequest(
        base + path,
        method=method,
        headers=headers,
        body=json.dumps(body) if body is not None else ("" if method == "POST" else None),
        request_timeout=600,
        connect_timeout=60,
    )
    answer = await AsyncHTTPClient().fetch(request)
    return json.loads(answer.body) if answer.body else None


async def start():
    """Starts the person's server and waits until it is ready."""
    try:
        await ask("POST", f"/hub/api/users/{user}")
    except HTTPClientError as error:
        assert error.code == 409, error
    await ask("POST", f"/hub/api/users/{user}/server")
    for _ in range(600):
        servers = (await ask("GET", f"/hub/api/users/{user}"))["servers"]
        if servers.get("", {}).get("ready"):
            return
        await asyncio.sleep(1)
    raise SystemExit("the notebook server does not start")


async def run(kernel, code, expected):
    """Runs a cell and compares what it prints or returns."""
    made = await ask("POST", f"/user/{user}/api/kernels", {"name": kernel})
    url = base.replace("http", "ws", 1) + f"/user/{user}/api/kernels/{made['id']}/channels"
    socket = await websocket_connect(HTTPRequest(url, headers=headers, connect_timeout=600))
    identifier = uuid.uuid4().hex
    await socket.write_message(
        json.dumps(
            {
                "header": {
                    "msg_id": identifier,
                    "msg_type": "execute_request",
                    "username": user,
                    "session": uuid.uuid4().hex,
                    "version": "5.3",
                    "date": "",
                },
                "parent_header": {},
                "metadata": {},
                "content": {"code": code, "silent": False, "store_history": False},
                "channel": "shell",
                "buffers": [],
            }
        )
    )
    text = ""
    while True:
        raw = await asyncio.wait_for(socket.read_message(), 600)
        message = json.loads(raw)
        if message["parent_header"].get("msg_id") != identifier:
            continue
        kind, content = message["msg_type"], message["content"]
        if kind == "stream":
            text += content["text"]
        elif kind in ("execute_result", "display_data"):
            text += content["data"].get("text/plain", "")
        elif kind == "error":
            raise SystemExit(f"{kernel}: {content['ename']}: {content['evalue']}")
        elif kind == "status" and content["execution_state"] == "idle":
            break
    assert expected in text, (kernel, text)
    print(f"{kernel}: {text.strip()}")


async def main():
    """All cells one after another."""
    await start()
    for cell in cells:
        await run(*cell.split("=", 2))


asyncio.run(main())
