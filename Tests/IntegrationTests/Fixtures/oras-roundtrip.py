"""Pushes a file as an artifact with the oras library, lists it, pulls it, and compares.

Usage: oras-roundtrip.py HOST TOKEN REPOSITORY FILE FOLDER
"""
import hashlib
import os
import pathlib
import sys

import oras.client

host, token, repository, source, folder = sys.argv[1:]
target = f"{host}/{repository}"
client = oras.client.OrasClient(hostname=host, insecure=True, auth_backend="basic")
client.login(username="x", password=token, config_path=f"{folder}/config.json")
os.chdir(pathlib.Path(source).parent)
name = pathlib.Path(source).name
# Chunks too, because a client may send an upload that way.
for tag, chunked in (("1.0.0", False), ("2.0.0", True)):
    answer = client.push(
        target=f"{target}:{tag}", files=[f"{name}:application/x-test"], manifest_annotations={"title": "test"},
        disable_path_validation=True, do_chunked=chunked, chunk_size=1 << 20)
    assert answer.status_code == 201, (tag, answer.status_code, answer.text)
    pulled = client.pull(target=f"{target}:{tag}", outdir=f"{folder}/{tag}", overwrite=True)
    digest = lambda path: hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
    assert [digest(path) for path in pulled] == [digest(name)], (tag, pulled)
assert sorted(client.get_tags(target)) == ["1.0.0", "2.0.0"], client.get_tags(target)
try:
    client.push(target=f"{target}:2.0.0", files=[f"{name}:application/x-other"], disable_path_validation=True)
except ValueError as error:
    assert "Conflict" in str(error), error
else:
    raise AssertionError("a version took other content")
print("as it was")
