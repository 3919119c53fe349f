"""Sets a document with typst, in this process: tagged (PDF/UA-1), archivable (PDF/A-2a), same rows, same bytes.

Certificates, registers and lists call `pdf` with a template of this folder and the words that stand in it. Logos come
from whatever storage holds them. Compilers are kept for the life of the process, as fonts take long to read; each
serves one thread at a time.
"""

import base64
import json
import logging
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage

from programmes.models import Organisation, Programme

if TYPE_CHECKING:
    import typst

log = logging.getLogger(__name__)

FOLDER = Path(__file__).parent
STANDARDS = ["a-2a", "ua-1"]
LOGO_PIXELS = (900, 300)
_one_at_a_time = Lock()


@lru_cache(maxsize=8)
def _compiler(template: str) -> "typst.Compiler":
    import typst  # noqa: PLC0415  7 MiB that a web worker seldom needs

    return typst.Compiler(FOLDER / template)


def pdf(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF of `template`, dated `at`. A name in a script that no font here can show is still printed, without the
    archive's seal."""
    paper = {
        "sys_inputs": {"data": json.dumps(data, ensure_ascii=False)},
        "format": "pdf",
        "timestamp": int(at.timestamp()),
    }
    from typst import TypstError  # noqa: PLC0415

    with _one_at_a_time:
        try:
            return _compiler(template).compile(pdf_standards=STANDARDS, **paper)
        except TypstError:
            log.warning("%s cannot be PDF/A: some letter has no font here", template)
            return _compiler(template).compile(**paper)


def funders(programme: Programme) -> list[dict[str, str]]:
    """Who pays, in the order the law gives them, each with its logo."""
    return [
        {"name": one.name, "logo": logo(one.logo.name)}
        for one in programme.organisations.all()
        if one.role == Organisation.Role.FUNDER
    ]


@lru_cache(maxsize=32)
def logo(name: str) -> str:
    """A logo as SVG around a PNG, so that any uploaded format prints; empty when there is none or it cannot be read."""
    if not name:
        return ""
    from PIL import Image  # noqa: PLC0415  6 MiB that a web worker seldom needs

    try:
        with default_storage.open(name) as file, Image.open(file) as picture:
            picture = picture.convert("RGBA")
    except (OSError, ValueError):
        return ""
    picture.thumbnail(LOGO_PIXELS)
    written = BytesIO()
    picture.save(written, "PNG", optimize=True)
    width, height = picture.size
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/png;base64,'
        f'{base64.b64encode(written.getvalue()).decode()}"/></svg>'
    )
