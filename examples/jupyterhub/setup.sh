# An account to begin with, in a group that shares a folder, and the service of the machine.
groupadd lab
useradd -m -s /bin/bash -G lab scientist
mkdir -p /srv/hub /srv/shared
chgrp lab /srv/shared
chmod 2775 /srv/shared
ln -s /srv/shared /home/scientist/shared
chmod 700 /srv/hub
mkdir -p /etc/systemd/system/multi-user.target.wants
cat >/etc/systemd/system/jupyterhub.service <<'END'
[Unit]
Description=JupyterHub
After=network.target ruche-identity.service

[Service]
EnvironmentFile=-/etc/ruche/identity
ExecStart=/usr/local/bin/hub
WorkingDirectory=/srv/hub
Restart=on-failure

[Install]
WantedBy=multi-user.target
END
ln -sf ../jupyterhub.service /etc/systemd/system/multi-user.target.wants/jupyterhub.service
