"""The hub of a small group: accounts of the machine, one notebook server a person."""

import os
from pathlib import Path

c = get_config()  # noqa: F821 - JupyterHub gives it

c.JupyterHub.bind_url = "http://0.0.0.0:8000"
c.JupyterHub.db_url = "sqlite:///jupyterhub.sqlite"
c.JupyterHub.hub_ip = "127.0.0.1"
c.ConfigurableHTTPProxy.pid_file = "proxy.pid"
c.Spawner.default_url = "/tree"
c.Spawner.args = ["--NotebookApp.allow_origin=*"] if os.environ.get("HUB_ANY_ORIGIN") else []
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300

# People log in with their accounts of this system: "passwd NAME" as root lets one in.
c.Authenticator.admin_users = {"scientist"}
c.PAMAuthenticator.open_sessions = False

if os.geteuid() != 0:
    # In a container without rights nobody can become another user: all notebooks run as the hub's own.
    from jupyterhub.spawner import SimpleLocalProcessSpawner

    c.JupyterHub.spawner_class = SimpleLocalProcessSpawner

c.JupyterHub.services = [{"name": "administration", "api_token": Path("api-token").read_text().strip()}]
c.JupyterHub.load_roles = [
    {
        "name": "administration",
        "scopes": ["admin:users", "admin:servers", "access:servers", "tokens"],
        "services": ["administration"],
    }
]
