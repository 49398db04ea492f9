"""Small pictures in every mode, what PIL's convert("RGB") makes of them, and PIL's resize with every filter.

Writes tests/data/images/modes/* and tests/data/image_reference.json; needs Pillow (made with Debian 12's 9.4).
"""
import base64
import io
import json
import pathlib
import random
import struct
import zlib

from PIL import Image

here = pathlib.Path(__file__).parent
modes = here / "images" / "modes"
modes.mkdir(parents=True, exist_ok=True)
random.seed(5)
width, height = 13, 9


def picture(mode, channels):
    return Image.frombytes(mode, (width, height), bytes(random.randrange(256) for _ in range(width * height * channels)))


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth, colour, row_bytes, extra=b""):
    """A PNG that PIL cannot write: 16 bits, or few bits of grey."""
    rows = b"".join(b"\0" + bytes(random.randrange(256) for _ in range(row_bytes)) for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + extra + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def smooth(mode):
    pixels = bytearray()
    for y in range(height):
        for x in range(width):
            pixels += bytes([(x * 17 + y * 3) % 256, (y * 25) % 256, (x * y * 2) % 256, (x * 9) % 256][: len(Image.new(mode, (1, 1)).getbands())])
    return Image.frombytes(mode, (width, height), bytes(pixels))


picture("L", 1).save(modes / "grey.png")
picture("LA", 2).save(modes / "grey_alpha.png")
picture("RGBA", 4).save(modes / "alpha.png")
picture("RGB", 3).save(modes / "rgb.png")
picture("L", 1).convert("1").save(modes / "bits.png")
palette = picture("RGB", 3).quantize(20)
palette.save(modes / "palette.png")
palette.save(modes / "palette_transparent.png", transparency=bytes(range(0, 200, 10)))
(modes / "grey2.png").write_bytes(png(2, 0, (width * 2 + 7) // 8))
(modes / "rgb16.png").write_bytes(png(16, 2, width * 6))
(modes / "grey_alpha16.png").write_bytes(png(16, 4, width * 4))
(modes / "gamma.png").write_bytes(png(8, 2, width * 3, chunk(b"gAMA", struct.pack(">I", 100000))))
smooth("RGB").save(modes / "rgb.jpg", quality=90)
smooth("RGB").save(modes / "progressive.jpeg", quality=80, progressive=True)
smooth("L").save(modes / "grey.jpg", quality=90)
smooth("CMYK").save(modes / "inks.jpg", quality=95)
(modes / "refused").mkdir(exist_ok=True)
(modes / "refused" / "grey16.png").write_bytes(png(16, 0, width * 2))


def encoded(image):
    return {"width": image.width, "height": image.height, "rgb": base64.b64encode(image.tobytes()).decode()}


decoded = {path.name: encoded(Image.open(path).convert("RGB")) for path in sorted(modes.iterdir()) if path.is_file()}
source = Image.open(here / "images" / "a_small_70x50.png").convert("RGB").crop((3, 2, 40, 31))
resized = []
for number, name in enumerate(["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"]):
    for size in [(9, 7), (37, 12), (50, 29), (61, 44), (20, 40)]:
        resized.append({"filter": number, **encoded(source.resize(size, number))})
out = io.StringIO()
json.dump({"decoded": decoded, "source": encoded(source), "resized": resized}, out, indent=0)
(here / "image_reference.json").write_text(out.getvalue() + "\n")
