"""Checks what a catalogue says of itself with the validators and clients of others. Usage: records-check.py WHAT ARGUMENTS

Ends with 0 when all is right, and says on standard error what is not.
"""
import importlib.util
import io
import json
import os
import pathlib
import subprocess
import sys
import urllib.parse
import urllib.request


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def fetch(url, accept=None):
    request = urllib.request.Request(url, headers={"Accept": accept} if accept else {})
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers


def folder(module):
    return pathlib.Path(importlib.util.find_spec(module).origin).parent


def datacite_schema():
    from lxml import etree

    schema = etree.parse(str(folder("validator") / "schema" / "metadata.xsd"))
    # DataCite's own demands no rights; who packaged the schema does, for what they publish themselves.
    for name in ("rightsList", "rights"):
        for element in schema.iter("{http://www.w3.org/2001/XMLSchema}element"):
            if element.get("name") == name:
                element.set("minOccurs", "0")
    return etree.XMLSchema(schema)


def datacite(page):
    """The XSD of kernel 4.6 for XML, the newest JSON schema on PyPI for JSON."""
    from lxml import etree
    from datacite import schema45

    content, headers = fetch(page, "application/vnd.datacite.datacite+xml")
    document = etree.fromstring(content)
    schema = datacite_schema()
    if not schema.validate(document):
        fail(f"{schema.error_log}\n{content.decode()}")
    content, headers = fetch(page, "application/vnd.datacite.datacite+json")
    schema45.validator.validate(json.loads(content))
    print(document.findtext("{http://datacite.org/schema/kernel-4}identifier"))


def crate(page):
    """rocrate-validator without a network: the context comes from the package rocrate."""
    import requests
    import requests_cache
    import urllib3

    work = pathlib.Path(sys.argv[3])
    context = (folder("rocrate") / "data" / "ro-crate.jsonld").read_bytes()

    class Shelf(requests.adapters.HTTPAdapter):
        def send(self, request, **_):
            return self.build_response(request, urllib3.HTTPResponse(
                body=io.BytesIO(context), status=200, headers={"Content-Type": "application/ld+json"},
                preload_content=False, request_url=request.url))

    session = requests_cache.CachedSession(str(work / "cache"), backend="sqlite", expire_after=-1)
    session.mount("https://", Shelf())
    for name in ("https://w3id.org/ro/crate/1.1/context", "https://w3id.org/ro/crate/1.1"):
        session.get(name, headers={"Accept": "application/ld+json"})
        session.get(name)
    session.close()
    target = work / "crate"
    target.mkdir()
    content, _ = fetch(page + "/metadata/ro-crate-metadata.json")
    (target / "ro-crate-metadata.json").write_bytes(content)
    tool = pathlib.Path(sys.executable).parent / "rocrate-validator"
    for level in ("required", "recommended"):
        result = subprocess.run(
            [tool, "-y", "validate", "--offline", "--cache-path", str(work / "cache"), "--skip-availability-check",
             "-p", "ro-crate-1.1", "-l", level, "-f", "json", "--no-paging", "-o", str(work / "report.json"), str(target)],
            capture_output=True, text=True, env={**os.environ, "HOME": str(work)})
        report = work / "report.json"
        if not report.exists():
            fail(result.stdout + result.stderr)
        issues = [
            (issue["severity"], issue["message"], issue.get("violatingEntity"))
            for issue in json.loads(report.read_text())["issues"]]
        # Where people work is not known here; what is on the web is not asked for without a network.
        issues = [one for one in issues if "affiliation" not in one[1] and "is not available" not in one[1]]
        if issues:
            fail(f"{level}: {json.dumps(issues, indent=1)}\n{content.decode()}")
        report.unlink()


def signposting(page, identifier):
    """The client of FAIR Signposting: both levels, in the header and in the link set; and in the page."""
    from signposting import find_signposting_http
    from signposting.linkset import find_signposting_linkset

    def check(found, what):
        if found.citeAs is None or not str(found.citeAs.target).endswith(identifier):
            fail(f"{what}: cite-as is {found.citeAs}, not {identifier}")
        types = {str(one.target) for one in found.types}
        if "https://schema.org/AboutPage" not in types or len(types) < 2:
            fail(f"{what}: the types are {types}")
        described = {str(one.type) for one in found.describedBy}
        if not {"application/vnd.datacite.datacite+xml", "application/ld+json"} <= described:
            fail(f"{what}: describedby has {described}")
        if not found.items or any(item.type is None for item in found.items):
            fail(f"{what}: items are {found.items}")
        if found.license is None or not found.authors:
            fail(f"{what}: licence {found.license}, authors {found.authors}")

    level1 = find_signposting_http(page)
    check(level1, "header")
    if not level1.linksets:
        fail("no link set is named")
    linkset = [one for one in level1.linksets if one.type == "application/linkset+json"][0]
    check(find_signposting_linkset(str(linkset.target)).for_context(page), "link set")
    if {str(item.target) for item in level1.items} - {
        str(item.target) for item in find_signposting_linkset(str(linkset.target)).for_context(page).items}:
        fail("the levels tell of different items")
    for item in level1.items:
        request = urllib.request.Request(str(item.target), method="HEAD")
        with urllib.request.urlopen(request) as answer:
            if answer.status != 200:
                fail(f"{item.target}: {answer.status}")
        collection = find_signposting_http(str(item.target)).collection
        if collection is None or not page.startswith(str(collection.target)) and not str(collection.target).startswith(page):
            fail(f"{item.target}: is of {collection}")


def html(page):
    """A strict HTML5 parser, and what assistive technology needs."""
    import html5lib

    content, headers = fetch(page, "text/html")
    if "default-src 'none'" not in headers["Content-Security-Policy"] or "unsafe" in headers["Content-Security-Policy"]:
        fail(f"the policy is {headers['Content-Security-Policy']}")
    document = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(content.decode())
    every = list(document.iter())
    every = [one for one in every if isinstance(one.tag, str)]
    ids = [one.get("id") for one in every if one.get("id")]
    problems = []
    if len(ids) != len(set(ids)):
        problems.append("an id is there twice")
    levels = [int(one.tag[1]) for one in every if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    if levels.count(1) != 1 or levels[0] != 1:
        problems.append(f"headings are {levels}")
    problems += [f"a heading of level {b} follows one of {a}" for a, b in zip(levels, levels[1:]) if b > a + 1]
    tags = [one.tag for one in every]
    problems += [f"there is no {tag}" for tag in ("main", "header", "title") if tags.count(tag) != 1]
    if document.get("lang") is None:
        problems.append("no language")
    if not any(one.tag == "a" and one.get("href") == "#main" for one in every) or "main" not in ids:
        problems.append("no way past the header")
    for one in every:
        if any(name.startswith("on") or name == "style" for name in one.attrib):
            problems.append(f"{one.tag} has {one.attrib}")
        if one.tag == "script" and one.get("type") != "application/ld+json":
            problems.append("a script")
        if one.tag in ("iframe", "object", "embed", "form", "base", "img", "svg"):
            problems.append(f"a {one.tag}")
        address = one.get("href") or one.get("src") or ""
        if urllib.parse.urlparse(address).scheme.lower() not in ("", "http", "https"):
            problems.append(f"{one.tag} leads to {address}")
        for label in (one.get("aria-labelledby") or "").split():
            if label not in ids:
                problems.append(f"no label {label}")
        if one.tag == "section" and not one.get("aria-labelledby"):
            problems.append("a section without a name")
        if one.tag == "th" and one.get("scope") not in ("row", "col"):
            problems.append("a heading of a table without its scope")
        if one.tag == "a" and not "".join(one.itertext()).strip():
            problems.append("a link without text")
    for script in [one for one in every if one.tag == "script"]:
        json.loads(script.text)
    if problems:
        fail("\n".join(problems) + "\n" + content.decode())
    print("".join(document.itertext()))


def citation(page):
    import bibtexparser

    content, _ = fetch(page, "application/x-bibtex")
    library = bibtexparser.loads(content.decode(), bibtexparser.bparser.BibTexParser(ignore_nonstandard_types=False))
    if len(library.entries) != 1 or not {"author", "title", "year", "url"} <= set(library.entries[0]):
        fail(f"{library.entries}\n{content.decode()}")
    content, _ = fetch(page, "application/vnd.citationstyles.csl+json")
    item = json.loads(content)[0]
    if item["type"] != "software" or not item["author"] or len(item["issued"]["date-parts"][0]) != 3:
        fail(f"{item}")
    print(library.entries[0]["title"])


def swhid(path):
    from swh.model.cli import swhid_of_dir

    print(swhid_of_dir(os.fsencode(path)))


def oai(base, *arguments):
    """Harvests with sickle, checks every record against its schema, and prints what came."""
    from lxml import etree
    from sickle import Sickle

    options = dict(argument.split("=", 1) for argument in arguments)
    prefix = options.get("metadataPrefix", "oai_dc")
    harvester = Sickle(base)
    harvester.Identify()
    if {one.metadataPrefix for one in harvester.ListMetadataFormats()} != {"oai_dc", "datacite"}:
        fail("the formats are others")
    schema = datacite_schema()
    for record in harvester.ListRecords(**{"metadataPrefix": prefix, **options}):
        state = "deleted" if record.deleted else "here"
        if prefix == "datacite" and not record.deleted:
            inner = record.xml.find(".//{http://datacite.org/schema/kernel-4}resource")
            if not schema.validate(inner):
                fail(f"{schema.error_log}")
        print(record.header.identifier, state, record.header.datestamp, ",".join(record.header.setSpecs))
        again = harvester.GetRecord(identifier=record.header.identifier, metadataPrefix=prefix)
        if again.header.identifier != record.header.identifier:
            fail("another record")


if __name__ == "__main__":
    action = {
        "datacite": datacite, "signposting": signposting, "html": html, "citation": citation, "swhid": swhid, "oai": oai,
    }.get(sys.argv[1])
    if sys.argv[1] == "crate":
        crate(sys.argv[2])
    else:
        action(*sys.argv[2:])
