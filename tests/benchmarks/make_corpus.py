"""A corpus of JSON lines for `lacuna-cli bench corpus`: python3 make_corpus.py FOLDER MEGABYTES [FILES]

FOLDER gets corpus.jsonl.zst (or corpus/part-NNN.jsonl.zst for several FILES) of MEGABYTES of JSON in all, and sample.json. Words follow
Zipf's law, documents a log-normal length, as in web text; 64 MiB of them are written over and over, which is far beyond the window of
zstd. Needs numpy and the program zstd.
"""

import json
import pathlib
import subprocess
import sys

import numpy

random = numpy.random.default_rng(0)
letters = numpy.array(list("etaoinshrdlucmfwygpbvk"))
words = ["".join(random.choice(letters, size=random.integers(2, 11))) for _ in range(30000)]
chance = 1 / numpy.arange(1, len(words) + 1)
cumulative = numpy.cumsum(chance / chance.sum())
sets = ["Pile-CC", "PubMed Central", "ArXiv", "Github", "StackExchange", "Wikipedia (en)"]


def document():
    count = int(numpy.clip(random.lognormal(5.5, 1.1), 5, 20000))
    chosen = [words[i] for i in numpy.searchsorted(cumulative, random.random(count))]
    for at in range(12, count, 13):
        chosen[at] += "."
    for at in range(60, count, 61):
        chosen[at] += "\n\n\"Été\" — "
    return " ".join(chosen)


def block(size):
    lines, bytes_ = [], 0
    while bytes_ < size:
        lines.append(json.dumps({"text": document(), "meta": {"pile_set_name": sets[len(lines) % 6]}}, ensure_ascii=len(lines) % 2 == 0))
        bytes_ += len(lines[-1]) + 1
    return "\n".join(lines).encode() + b"\n"


def write(path, data, times):
    with subprocess.Popen(["zstd", "-q", "-3", "-f", "-o", path], stdin=subprocess.PIPE) as zstd:
        for _ in range(times):
            zstd.stdin.write(data)
        zstd.stdin.close()


folder, megabytes = pathlib.Path(sys.argv[1]), int(sys.argv[2])
files = int(sys.argv[3]) if len(sys.argv) > 3 else 1
folder.mkdir(parents=True, exist_ok=True)
data = block(min(64, max(1, megabytes // files)) << 20)
times = max(1, (megabytes << 20) // files // len(data))
if files == 1:
    write(folder / "corpus.jsonl.zst", data, times)
else:
    (folder / "corpus").mkdir(exist_ok=True)
    for i in range(files):
        write(folder / "corpus" / f"part-{i:03}.jsonl.zst", data, times)
total = data.count(b"\n") * times * files
(folder / "sample.json").write_text(json.dumps({"rows": sorted({0, 7, total // 2, total - 1})}))
print(total, "documents,", len(data) * times * files, "bytes")
