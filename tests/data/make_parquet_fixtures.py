"""Small Parquet files for tests/files/parquet_test.cpp; needs pyarrow. Run in tests/data: python3 make_parquet_fixtures.py"""

import datetime
import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 40


def text(i):
    return f"document number {i}: ünd more " + "words " * (i % 5)


def table(columns):
    return pa.table(columns)


def plain():
    return {
        "id": pa.array([f"<urn:{i}>" for i in range(ROWS)]),
        "text": pa.array([text(i) for i in range(ROWS)]),
        "score": pa.array([i / 8 for i in range(ROWS)], pa.float64()),
        "share": pa.array([0.1] * ROWS, pa.float32()),
        "count": pa.array([i - 5 for i in range(ROWS)], pa.int32()),
        "large": pa.array([2**63 + i for i in range(ROWS)], pa.uint64()),
        "good": pa.array([i % 2 == 0 for i in range(ROWS)]),
        "day": pa.array([datetime.date(2024, 2, 28) + datetime.timedelta(days=i) for i in range(ROWS)]),
        "language": pa.array(["en", "de"] * (ROWS // 2)).dictionary_encode(),
        "tags": pa.array([["a", "b"]] * ROWS),
        "meta": pa.array([{"set": "ArXiv" if i % 4 else "Github", "deep": {"x": i}, "list": [i]} for i in range(ROWS)]),
    }


def write(name, columns, **options):
    options = {"row_group_size": 10, "compression": "snappy", "write_page_checksum": True, **options}
    pq.write_table(table(columns), f"parquet/{name}.parquet", **options)


for codec in ("snappy", "zstd", "gzip", "brotli", "lz4", "none"):
    write(codec, plain(), compression=codec)
write("pages_v2", plain(), data_page_version="2.0", data_page_size=256)
write("code", {"repo_name": pa.array(["a/b", "c/d"]), "code": pa.array(["int main() {}\n", "print(1)\n"]), "size": pa.array([14, 9])})
write("nulls", {"text": pa.array(["one", None, "", "four"]), "n": pa.array([1, None, 3, None])})
write("bytes", {"text": pa.array([b"plain", b"caf\xe9", b"\xff\x00"], pa.binary()), "n": pa.array([1, 2, 3])})
write("no_rows", {"text": pa.array([], pa.string())})
write("no_text", {"n": pa.array([1, 2]), "x": pa.array([0.5, 1.5])})

# One byte of a page of "text" in the second of four row groups is changed: its checksum is wrong.
data = bytearray(open("parquet/none.parquet", "rb").read())
at = data.index(text(13).encode())
data[at] ^= 1
open("parquet/page_changed.parquet", "wb").write(data)

# Two row groups of 300 short texts without checksums; the length that stands before the 281st says more than there is.
write("length_changed", {"text": pa.array([f"row {i}" for i in range(600)])}, row_group_size=300, compression="none", use_dictionary=False,
      write_page_checksum=False, write_statistics=False)
data = bytearray(open("parquet/length_changed.parquet", "rb").read())
at = data.index(b"\x07\0\0\0row 280")
data[at + 2] = 1
open("parquet/length_changed.parquet", "wb").write(data)
