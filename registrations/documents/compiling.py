"""Typst itself, without the rest of the house: so that a large document can be set by a process that then ends.

Typst remembers what it has set, for the next time: 60 MB for each paper with 500 rows, which a web worker would keep
for good. Run as a program, this reads the request as JSON and writes the PDF.
"""

import json
import sys
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

FOLDER = Path(__file__).parent
STANDARDS = ["a-2a", "ua-1"]
_one_at_a_time = Lock()
"""A compiler serves one thread at a time."""


@lru_cache(maxsize=8)
def _compiler(template: str) -> "typst.Compiler":
    """Kept for the life of the process: fonts are read once."""
    import typst  # noqa: PLC0415  7 MiB that a web worker seldom needs

    return typst.Compiler(FOLDER / template)


def compiled(template: str, data: str, timestamp: int) -> tuple[bytes, bool]:
    """The PDF, and whether it is fit for the archive: it is not where a letter has no font here."""
    paper = {"sys_inputs": {"data": data}, "format": "pdf", "timestamp": timestamp}
    from typst import TypstError  # noqa: PLC0415

    with _one_at_a_time:
        try:
            return _compiler(template).compile(pdf_standards=STANDARDS, **paper), True
        except TypstError:
            return _compiler(template).compile(**paper), False


if __name__ == "__main__":
    content, is_archivable = compiled(**json.load(sys.stdin.buffer))
    sys.stdout.buffer.write((b"1" if is_archivable else b"0") + content)
