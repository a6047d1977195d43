/// The two ends of Ansible's way into a step's container: a shell inside, a connection plugin outside.
///
/// A request is a folder `N.request` with `command` and `input`; it is complete once it has that name. The
/// agent writes `output`, `error` and, last and by renaming, `status`.
enum AnsibleConnection {
    static let agent = """
        # Runs what the connection plugin asks for, one request at a time, until "quit" is there.
        cd "$1" || exit 1
        while [ ! -e quit ]; do
            idle=1
            for request in *.request; do
                [ -e "$request/command" ] || continue
                idle=0
                (cd / && exec /bin/sh "$1/$request/command") <"$request/input" >"$request/output" 2>"$request/error"
                echo "$?" >"$request/status.new"
                mv "$request/status.new" "$request/status"
                mv "$request" "${request%.request}.done"
            done
            [ "$idle" = 0 ] || sleep 0.02
        done
        """

    static let plugin = #"""
        """Ansible connection plugin: commands go to a shell in a container through a shared folder."""
        DOCUMENTATION = """
            name: ruche
            short_description: Run tasks in the container of a build step
            description: [Run tasks in the container of a build step]
            author: ruche
            options: {}
        """

        import os
        import shlex
        import time

        from ansible.errors import AnsibleConnectionFailure
        from ansible.plugins.connection import ConnectionBase


        class Connection(ConnectionBase):
            transport = "ruche"
            has_pipelining = True

            def __init__(self, *arguments, **options):
                super().__init__(*arguments, **options)
                self.folder = os.environ["RUCHE_SHARED"]

            def _connect(self):
                self._connected = True
                return self

            def exec_command(self, cmd, in_data=None, sudoable=True):
                super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
                return self._request(cmd, in_data or b"")

            def put_file(self, in_path, out_path):
                super().put_file(in_path, out_path)
                with open(in_path, "rb") as source:
                    code, _, error = self._request("cat > " + shlex.quote(out_path), source.read())
                if code != 0:
                    raise AnsibleConnectionFailure("can't write %s: %r" % (out_path, error))

            def fetch_file(self, in_path, out_path):
                super().fetch_file(in_path, out_path)
                code, output, error = self._request("cat " + shlex.quote(in_path), b"")
                if code != 0:
                    raise AnsibleConnectionFailure("can't read %s: %r" % (in_path, error))
                with open(out_path, "wb") as target:
                    target.write(output)

            def close(self):
                self._connected = False

            def _request(self, command, data):
                name = "%d-%d" % (os.getpid(), time.monotonic_ns())
                place = os.path.join(self.folder, name)
                os.mkdir(place)
                self._write(os.path.join(place, "command"), command.encode() + b"\n")
                self._write(os.path.join(place, "input"), data)
                os.rename(place, place + ".request")
                done = place + ".done"
                while not os.path.exists(done):
                    if not os.path.exists(self.folder):
                        raise AnsibleConnectionFailure("the container has gone")
                    time.sleep(0.01)
                code = int(self._read(os.path.join(done, "status")))
                return code, self._read(os.path.join(done, "output")), self._read(os.path.join(done, "error"))

            @staticmethod
            def _write(path, data):
                with open(path, "wb") as target:
                    target.write(data)

            @staticmethod
            def _read(path):
                with open(path, "rb") as source:
                    return source.read()
        """#
}
