"""What a client may rely on of a registry (OCI distribution specification 1.1.1), as requests.

Usage: registry-conformance.py HOST:PORT TOKEN REPOSITORY OTHER-REPOSITORY
Prints every expectation that is not met, and ends with 1 then.
"""
import base64, hashlib, http.client, json, re, sys, urllib.parse

host, token, repo, other = sys.argv[1:5]
auth = "Basic " + base64.b64encode(f"x:{token}".encode()).decode()
failures, count = [], 0


def call(method, path, body=None, **headers):
    connection = http.client.HTTPConnection(host, timeout=60)
    path = path[len(f"http://{host}"):] if path.startswith(f"http://{host}") else path
    names = {"Authorization": auth} | {k.replace("_", "-"): v for k, v in headers.items()}
    connection.request(method, path, body=body, headers={k: v for k, v in names.items() if v is not None})
    response = connection.getresponse()
    data = response.read()
    connection.close()
    return response, data


def expect(what, condition, found=None):
    global count
    count += 1
    if not condition:
        failures.append(f"{what}: {found}")


def digest(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def code(data):
    return json.loads(data)["errors"][0]["code"]


def status(what, answer, *wanted):
    expect(what, answer[0].status in wanted, (answer[0].status, answer[1][:300]))
    return answer


def start(repository=repo):
    response, _ = status("upload starts", call("POST", f"/v2/{repository}/blobs/uploads/", b""), 202)
    return response.getheader("Location")


def with_digest(location, data):
    return location + ("&" if "?" in location else "?") + "digest=" + digest(data)


def push_blob(data, repository=repo):
    status("blob is pushed", call("PUT", with_digest(start(repository), data), data,
                                  Content_Type="application/octet-stream"), 201)


def manifest(config, layers, **more):
    value = {
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor(config, "application/vnd.oci.image.config.v1+json"),
        "layers": [descriptor(l, "application/vnd.oci.image.layer.v1.tar+gzip") for l in layers]} | more
    return json.dumps(value).encode()


def descriptor(data, media_type):
    return {"mediaType": media_type, "digest": digest(data), "size": len(data)}


MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
layer = b"layer" * 1000

# -- base
expect("base", call("GET", "/v2/")[0].status == 200)
expect("base without credentials", call("GET", "/v2/", Authorization=None)[0].status == 401)

# -- push: monolithic by POST then PUT, by one POST, chunked, streamed
push_blob(config)
push_blob(layer)
single = b"single" * 50
answer = status("POST with digest", call(
    "POST", f"/v2/{repo}/blobs/uploads/?digest={digest(single)}", single, Content_Type="application/octet-stream"), 201, 202)
expect("Location of a blob", answer[0].getheader("Location"))
chunked = bytes(range(256)) * 100
where = start()
first, second = chunked[:10000], chunked[10000:]
answer = status("chunk out of order", call("PATCH", where, second, Content_Range=f"10000-{len(chunked) - 1}",
                                           Content_Type="application/octet-stream"), 416)
answer = status("first chunk", call("PATCH", where, first, Content_Range="0-9999", Content_Type="application/octet-stream"), 202)
expect("Range of a chunk", answer[0].getheader("Range") == "0-9999", answer[0].getheader("Range"))
where = answer[0].getheader("Location")
answer = status("the same chunk again", call("PATCH", where, first, Content_Range="0-9999", Content_Type="application/octet-stream"), 416)
answer = status("upload status", call("GET", where), 204)
expect("Range of a status", answer[0].getheader("Range") == "0-9999", answer[0].getheader("Range"))
answer = status("last chunk with PUT", call(
    "PUT", with_digest(where, chunked), second, Content_Range=f"10000-{len(chunked) - 1}",
    Content_Type="application/octet-stream"), 201)
where = start()
streamed = b"stream" * 5000
answer = status("stream", call("PATCH", where, streamed, Content_Type="application/octet-stream"), 202)
status("end of a stream", call("PUT", with_digest(answer[0].getheader("Location"), streamed), b""), 201)
where = start()
answer = status("wrong digest", call("PUT", with_digest(where, b"else"), b"this"), 400)
expect("code of a wrong digest", code(answer[1]) == "DIGEST_INVALID", answer[1])
status("wrong digest is not kept", call("HEAD", f"/v2/{repo}/blobs/{digest(b'this')}"), 404)
empty = b""
push_blob(empty)
where = start()
status("cancelled", call("DELETE", where), 204)
status("cancelled is gone", call("GET", where), 404)
status("unsupported digest", call("PUT", start() + "?digest=md5:0123", b"x"), 400)

# -- pull of blobs
answer = status("HEAD blob", call("HEAD", f"/v2/{repo}/blobs/{digest(layer)}"), 200)
expect("length of HEAD", answer[0].getheader("Content-Length") == str(len(layer)), answer[0].getheaders())
expect("digest of HEAD", answer[0].getheader("Docker-Content-Digest") == digest(layer), answer[0].getheaders())
answer = status("GET blob", call("GET", f"/v2/{repo}/blobs/{digest(layer)}"), 200)
expect("bytes of a blob", answer[1] == layer)
answer = status("range of a blob", call("GET", f"/v2/{repo}/blobs/{digest(layer)}", Range="bytes=5-9"), 206)
expect("bytes of a range", answer[1] == layer[5:10], answer[1])
answer = status("unknown blob", call("GET", f"/v2/{repo}/blobs/{digest(b'nothing')}"), 404)
expect("code of an unknown blob", code(answer[1]) == "BLOB_UNKNOWN", answer[1])

# -- manifests
image = manifest(config, [layer, empty])
answer = status("push by tag", call("PUT", f"/v2/{repo}/manifests/one", image, Content_Type=MANIFEST), 201)
expect("Location of a manifest", answer[0].getheader("Location"))
for reference in ["one", digest(image)]:
    for method in ["GET", "HEAD"]:
        answer = status(f"{method} manifest", call(method, f"/v2/{repo}/manifests/{reference}", Accept=MANIFEST), 200)
        expect("type of a manifest", answer[0].getheader("Content-Type") == MANIFEST, answer[0].getheaders())
        expect("digest of a manifest", answer[0].getheader("Docker-Content-Digest") == digest(image), answer[0].getheaders())
        expect("length of a manifest", answer[0].getheader("Content-Length") == str(len(image)), answer[0].getheaders())
    expect("bytes of a manifest", call("GET", f"/v2/{repo}/manifests/{reference}")[1] == image)
answer = status("unknown manifest", call("GET", f"/v2/{repo}/manifests/nothing"), 404)
expect("code of an unknown manifest", code(answer[1]) == "MANIFEST_UNKNOWN", answer[1])
answer = status("missing layer", call(
    "PUT", f"/v2/{repo}/manifests/two", manifest(config, [b"missing"]), Content_Type=MANIFEST), 400, 404)
expect("code of a missing layer", code(answer[1]) == "MANIFEST_BLOB_UNKNOWN", answer[1])
answer = status("no JSON", call("PUT", f"/v2/{repo}/manifests/two", b"{", Content_Type=MANIFEST), 400)
expect("code of no JSON", code(answer[1]) == "MANIFEST_INVALID", answer[1])
answer = status("other digest", call("PUT", f"/v2/{repo}/manifests/{digest(b'x')}", image, Content_Type=MANIFEST), 400)
wrong = json.loads(image) | {"layers": [descriptor(layer, "application/vnd.oci.image.layer.v1.tar+gzip") | {"size": 7}]}
status("wrong size", call("PUT", f"/v2/{repo}/manifests/two", json.dumps(wrong).encode(), Content_Type=MANIFEST), 400)
big = json.loads(image) | {"annotations": {"a": "x" * ((4 << 20) - 1000)}}
status("4 MiB manifest", call("PUT", f"/v2/{repo}/manifests/big", json.dumps(big).encode(), Content_Type=MANIFEST), 201)
status("delete it", call("DELETE", f"/v2/{repo}/manifests/{digest(json.dumps(big).encode())}"), 202)
status("too large manifest", call("PUT", f"/v2/{repo}/manifests/big", b" " * (17 << 20), Content_Type=MANIFEST), 413)
index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
    descriptor(image, MANIFEST) | {"platform": {"architecture": "amd64", "os": "linux"}}]}).encode()
status("push of an index", call("PUT", f"/v2/{repo}/manifests/list", index, Content_Type=INDEX), 201)
expect("type of an index", call("GET", f"/v2/{repo}/manifests/list")[0].getheader("Content-Type") == INDEX)

# -- tags
for tag in ["three", "four", "two"]:
    status("tag", call("PUT", f"/v2/{repo}/manifests/{tag}", image, Content_Type=MANIFEST), 201)
tags = json.loads(call("GET", f"/v2/{repo}/tags/list")[1])
expect("tags in order", tags == {"name": repo, "tags": ["four", "list", "one", "three", "two"]}, tags)
answer = status("some tags", call("GET", f"/v2/{repo}/tags/list?n=2"), 200)
expect("first page", json.loads(answer[1])["tags"] == ["four", "list"], answer[1])
expect("link to the next", 'rel="next"' in (answer[0].getheader("Link") or ""), answer[0].getheaders())
next_page = answer[0].getheader("Link").split(">")[0][1:]
expect("second page", json.loads(call("GET", next_page)[1])["tags"] == ["one", "three"], next_page)
answer = call("GET", f"/v2/{repo}/tags/list?n=0")
expect("no tags", json.loads(answer[1])["tags"] == [] and not answer[0].getheader("Link"), answer[1])
expect("tags after one", json.loads(call("GET", f"/v2/{repo}/tags/list?last=one")[1])["tags"] == ["three", "two"])

# -- referrers
subject = descriptor(image, MANIFEST)
empty_json = b"{}"
push_blob(empty_json)
about = json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": "application/x.test",
                    "config": descriptor(empty_json, "application/vnd.oci.empty.v1+json"),
                    "layers": [], "subject": subject, "annotations": {"k": "v"}}).encode()
answer = status("push about another", call("PUT", f"/v2/{repo}/manifests/{digest(about)}", about, Content_Type=MANIFEST), 201)
expect("OCI-Subject", answer[0].getheader("OCI-Subject") == digest(image), answer[0].getheaders())
typed = manifest(config, [], subject=subject)
status("push about another by configuration", call("PUT", f"/v2/{repo}/manifests/{digest(typed)}", typed, Content_Type=MANIFEST), 201)
orphan = json.dumps(json.loads(about) | {"subject": descriptor(b"not here", MANIFEST)}).encode()
status("missing subject", call("PUT", f"/v2/{repo}/manifests/{digest(orphan)}", orphan, Content_Type=MANIFEST), 201)
answer = status("referrers", call("GET", f"/v2/{repo}/referrers/{digest(image)}"), 200)
found = {d["digest"]: d for d in json.loads(answer[1])["manifests"]}
expect("both referrers", set(found) == {digest(about), digest(typed)}, found)
expect("artifact type", found[digest(about)]["artifactType"] == "application/x.test", found)
expect("annotations", found[digest(about)]["annotations"] == {"k": "v"}, found)
expect("artifact type by configuration", found[digest(typed)]["artifactType"] == "application/vnd.oci.image.config.v1+json", found)
expect("type of referrers", answer[0].getheader("Content-Type") == INDEX, answer[0].getheaders())
answer = call("GET", f"/v2/{repo}/referrers/{digest(image)}?artifactType=application/x.test")
expect("filtered", [d["digest"] for d in json.loads(answer[1])["manifests"]] == [digest(about)], answer[1])
expect("OCI-Filters-Applied", answer[0].getheader("OCI-Filters-Applied") == "artifactType", answer[0].getheaders())
answer = status("referrers of nothing", call("GET", f"/v2/{repo}/referrers/{digest(b'nothing at all')}"), 200)
expect("no referrers", json.loads(answer[1])["manifests"] == [], answer[1])
status("referrers of no digest", call("GET", f"/v2/{repo}/referrers/latest"), 400)

# -- mounting
answer = status("mount", call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(layer)}&from={repo}", b""), 201)
status("mounted", call("HEAD", f"/v2/{other}/blobs/{digest(layer)}"), 200)
answer = status("mount of nothing", call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(b'nope')}&from={repo}", b""), 202)
answer = status("mount from nowhere", call("POST", f"/v2/{other}/blobs/uploads/?mount={digest(chunked)}", b""), 201, 202)
status("other repository's blob", call("HEAD", f"/v2/{other}/blobs/{digest(streamed)}"), 404)

# -- tokens: a challenge names all that the request needs, and what it names is enough
def with_token(method, path, body=None, **headers):
    response, _ = status("no token yet", call(method, path, body, Authorization=None, **headers), 401)
    parts = dict(re.findall(r'(\w+)="([^"]*)"', response.getheader("WWW-Authenticate")))
    query = urllib.parse.urlencode({"service": parts["service"], "scope": parts["scope"]})
    realm = urllib.parse.urlsplit(parts["realm"]).path
    bearer = json.loads(status("token", call("GET", f"{realm}?{query}"), 200)[1])["token"]
    return call(method, path, body, Authorization="Bearer " + bearer, **headers)


where = start()
status("chunk with a token", with_token("PATCH", where, first, Content_Type="application/octet-stream"), 202)
status("upload status with a token", with_token("GET", where), 204)
status("upload dropped with a token", with_token("DELETE", where), 204)
status("mount with a token", with_token("POST", f"/v2/{other}/blobs/uploads/?mount={digest(single)}&from={repo}", b""), 201)
status("mounted with a token", with_token("GET", f"/v2/{other}/blobs/{digest(single)}"), 200)

# -- names
for name in ["Bad/name", "a/b/c", "one", "v2/x", "a..b/c"]:
    answer = call("GET", f"/v2/{name}/tags/list")
    expect(f"name {name}", answer[0].status in (400, 404), answer[0].status)

# -- deletion
answer = status("delete a blob in use", call("DELETE", f"/v2/{repo}/blobs/{digest(config)}"), 405)
expect("code of a blob in use", code(answer[1]) == "DENIED", answer[1])
expect("what is allowed of a blob in use", answer[0].getheader("Allow") == "GET, HEAD", answer[0].getheaders())
status("blob in use stays", call("HEAD", f"/v2/{repo}/blobs/{digest(config)}"), 200)
status("delete a tag", call("DELETE", f"/v2/{repo}/manifests/two"), 202)
status("deleted tag", call("GET", f"/v2/{repo}/manifests/two"), 404)
status("manifest stays", call("GET", f"/v2/{repo}/manifests/{digest(image)}"), 200)
for name, data in [("index", index), ("about", about), ("typed", typed), ("orphan", orphan), ("image", image)]:
    status(f"delete {name}", call("DELETE", f"/v2/{repo}/manifests/{digest(data)}"), 202)
    status(f"deleted {name}", call("GET", f"/v2/{repo}/manifests/{digest(data)}"), 404)
status("tag of a deleted manifest", call("GET", f"/v2/{repo}/manifests/one"), 404)
status("delete a blob", call("DELETE", f"/v2/{repo}/blobs/{digest(chunked)}"), 202)
status("deleted blob", call("HEAD", f"/v2/{repo}/blobs/{digest(chunked)}"), 404)
status("delete an unknown blob", call("DELETE", f"/v2/{repo}/blobs/{digest(b'never')}"), 404)
expect("no tags left", json.loads(call("GET", f"/v2/{repo}/tags/list")[1])["tags"] == [])

# -- a version never changes
push_blob(config, other)
fixed = manifest(config, [layer])
changed = manifest(config, [])
status("push of a version", call("PUT", f"/v2/{other}/manifests/1.0.0", fixed, Content_Type=MANIFEST), 201)
status("the same again", call("PUT", f"/v2/{other}/manifests/1.0.0", fixed, Content_Type=MANIFEST), 201)
answer = call("PUT", f"/v2/{other}/manifests/1.0.0", changed, Content_Type=MANIFEST)
expect("another one", answer[0].status == 409 and code(answer[1]) == "DENIED", (answer[0].status, answer[1]))
expect("the version is as it was", call("GET", f"/v2/{other}/manifests/1.0.0")[1] == fixed)
expect("latest is the newest", call("GET", f"/v2/{other}/manifests/latest")[1] == fixed)

for failure in failures:
    print(failure)
print(f"{count - len(failures)} of {count} expectations met")
sys.exit(1 if failures else 0)
