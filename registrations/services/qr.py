"""A QR code as one SVG path for pages and as a PNG for mails.

Four white modules around it and error correction M (15 %), as ISO/IEC 18004 asks for: it reads from a dim screen and
from a creased sheet alike. What stands in it is the caller's.
"""

import io
from functools import lru_cache

import qrcode
from PIL import Image

QUIET = 4
MASK = 2
PIXELS = 8


@lru_cache(maxsize=64)
def _matrix(text: str) -> list[list[bool]]:
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=QUIET, mask_pattern=MASK)
    code.add_data(text)
    return code.get_matrix()


def svg(text: str) -> dict[str, object]:
    """`path` for one `<path d>` on white, and the `size` of its square viewBox."""
    matrix = _matrix(text)
    runs = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            start = x
            while x < len(row) and row[x]:
                x += 1
            if x > start:
                runs.append(f"M{start} {y}h{x - start}v1h-{x - start}z")
            x += 1
    return {"path": "".join(runs), "size": len(matrix)}


def png(text: str) -> bytes:
    matrix = _matrix(text)
    size = len(matrix)
    image = Image.new("1", (size, size), 1)
    image.putdata([0 if dark else 1 for row in matrix for dark in row])
    file = io.BytesIO()
    image.resize((size * PIXELS, size * PIXELS), Image.Resampling.NEAREST).save(file, "PNG", optimize=True)
    return file.getvalue()
