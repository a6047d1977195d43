"""Searches of a large catalogue."""
import itertools
import json
import random
import sqlite3
import statistics
import time

from benches.programs import resident, server
from benches.table import figure


def store_documents(database, count, private=10):
    """Releases as the search has them, one an environment: words, facets and packages as often as in a language."""
    source = random.Random(4)
    vocabulary = [f"w{number:04x}" for number in range(20_000)]
    packages = [f"package{number}={number % 7}.{number % 13}" for number in range(5_000)]
    weights = {len(words): list(itertools.accumulate(1 / (rank + 1) for rank in range(len(words)))) for words in (vocabulary, packages)}

    def some(words, number):
        return source.choices(words, cum_weights=weights[len(words)], k=number)

    connection = sqlite3.connect(database, timeout=60)
    values = {}

    def value(kind, text):
        return values.setdefault((kind, text), len(values) + 1)

    documents, names, words, software = [], [], [], []
    for number in range(1, count + 1):
        owner, name = f"lab{number % 300}", f"{source.choice(vocabulary)}-{number}"
        chosen = set(some(packages, 20))
        facets = {value("owner", owner), value("format", "oci"), value("license", source.choice(["MIT", "GPL-3.0-or-later", "Apache-2.0"]))}
        facets |= {value("architecture", text) for text in source.sample(["amd64", "arm64", "i386"], 2)}
        facets |= {value("os", text) for text in ["debian", source.choice(["debian 11", "debian 12", "debian 13"])]}
        facets |= {value("provider", text) for text in source.sample(["oci", "lxd", "libvirt", "virtualbox"], 2)}
        facets |= {value("keyword", text) for text in some(vocabulary, 3)} | {value("software", text.split("=")[0]) for text in list(chosen)[:5]}
        shown = {"summary": " ".join(some(vocabulary, 8)), "license": "MIT", "keywords": ["k"], "providers": ["oci"], "formats": ["oci"],
                 "architectures": ["amd64"], "os": ["debian"]}
        documents.append((number, f"{owner}/{name}", number % private != 0, 1_700_000_000_000 + number, " ".join(map(str, sorted(facets))),
                          json.dumps(shown), number))
        names.append((number, f"{owner} {name.replace('-', ' ')}"))
        words.append((number, " ".join({"common", owner, *name.split("-"), *some(vocabulary, 25)})))
        software += [(value("package", text), number) for text in chosen]
    with connection:
        connection.executemany("INSERT INTO search_documents VALUES (?, ?, '1.0', '', ?, 1, 1, 0, ?, 1, 0, 0, ?, '{}', ?, ?)", documents)
        connection.executemany("INSERT INTO search_values VALUES (?, ?, ?)", [(number, *key) for key, number in values.items()])
        # In order, and indexed at the end: seconds instead of minutes.
        connection.execute("DROP INDEX search_software_by_document")
        connection.executemany("INSERT INTO search_software VALUES (?, ?)", sorted(software))
        connection.execute("CREATE INDEX search_software_by_document ON search_software (document)")
        connection.executemany("INSERT INTO search_words (rowid, words) VALUES (?, ?)", words)
        connection.executemany("INSERT INTO search_names (rowid, words) VALUES (?, ?)", names)
        connection.execute("UPDATE search_state SET sequence = ?, epoch = epoch + 1", (count,))
    connection.close()
    return lambda: some(vocabulary, 1)[0]


def bench_search(ruche, folder, count=100_000, repeat=1000):
    """Searches of a catalogue of very many releases, each with ten values of every facet counted over all hits."""
    data = folder / "data"
    path = "/api/v1/catalogue/search?"
    with server(ruche, data) as (api, process, _):
        word = store_documents(data / "ruche.db", count)
        before = resident(process)
        begin = time.monotonic()
        total = api.call("GET", path)["total"]
        assert total == count, total
        figure(f"first search of {count} releases, which reads their columns", f"{(time.monotonic() - begin) * 1000:.0f} ms", "")
        kinds = {
            "one word, as often used as in a language": lambda: f"q={word()}",
            "two words": lambda: f"q={word()}+{word()}",
            "a word that all have": lambda: "q=common",
            "a word, two facets": lambda: f"q={word()}&os=debian+12&provider=libvirt&provider=lxd",
            "no word, sorted by time": lambda: "sort=updated&architecture=arm64",
            "a package": lambda: f"software=package{random.randrange(2000)}",
            "a package and its version": lambda: f"software=package{(number := random.randrange(200))}%3D%3D{number % 7}.{number % 13}",
            "a keyword": lambda: f"keyword={word()}",
        }
        everything, warm = [], time.monotonic()
        for _ in range(repeat):  # the words that many releases have are remembered until something is published
            api.call("GET", path + kinds["two words"]())
        figure(f"search of {count} releases: the first {repeat} of two words, mean",
               f"{(time.monotonic() - warm) * 1000 / repeat:.1f} ms", "")
        for name, query in kinds.items():
            times = []
            for _ in range(repeat // len(kinds)):
                target = path + query()
                begin = time.monotonic()
                api.call("GET", target)
                times.append((time.monotonic() - begin) * 1000)
            everything += times
            times.sort()
            figure(f"search of {count} releases: {name}, p50 and p99",
                   f"{statistics.median(times):.1f} ms, {times[int(len(times) * 0.99)]:.1f} ms", "")
        everything.sort()
        figure(f"search of {count} releases, all of these, p50 and p99",
               f"{statistics.median(everything):.1f} ms, {everything[int(len(everything) * 0.99)]:.1f} ms", "p99 < 30 ms")
        figure("memory of the server before and after those searches (resident)", f"{before:.1f} MB, {resident(process):.1f} MB", "")
