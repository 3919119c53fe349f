"""A QR code as one SVG path for pages and certificates, and as a PNG for mails.

Four white modules around it and error correction M (15 %), as ISO/IEC 18004 asks for: it reads from a dim screen and
from a creased sheet alike. What stands in it is the caller's.
"""

import struct
import zlib
from functools import lru_cache

QUIET = 4
MASK = 2  # trying all eight takes most of the time
PIXELS = 8  # of a module, so that in the PNG a line of a module is one byte


@lru_cache(maxsize=64)
def _matrix(text: str, quiet: int) -> list[list[bool]]:
    import qrcode  # noqa: PLC0415  with what it brings along 7 MiB, for who draws a code

    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=quiet, mask_pattern=MASK)
    code.add_data(text)
    return code.get_matrix()


def svg(text: str, quiet: int = QUIET) -> dict[str, object]:
    """`path` for one `<path d>` on white, and the `size` of its square viewBox."""
    matrix = _matrix(text, quiet)
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
    """Black and white, one bit a pixel (ISO/IEC 15948): written here, as every registration needs one."""
    matrix = _matrix(text, QUIET)
    width = len(matrix) * PIXELS
    lines = b"".join(bytes([0, *(0 if dark else 255 for dark in row)]) * PIXELS for row in matrix)
    header = struct.pack(">IIBBBBB", width, width, 1, 0, 0, 0, 0)
    parts = [(b"IHDR", header), (b"IDAT", zlib.compress(lines, 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
