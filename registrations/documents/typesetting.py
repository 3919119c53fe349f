"""Sets a document with typst: tagged (PDF/UA-1), archivable (PDF/A-2a), the same bytes for the same rows.

Certificates, registers and lists ask here with a template of this folder and the words that stand in it: `pdf` sets a
page or two at once, `pdf_apart` a long paper in a process of its own, which gives its memory back. Logos come from
whatever storage holds them.
"""

import base64
import json
import logging
import subprocess
import sys
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from io import BytesIO
from typing import Any

from django.core.files.storage import default_storage

from programmes.models import Organisation, Programme
from registrations.documents import compiling

log = logging.getLogger(__name__)

LOGO_PIXELS = (900, 300)
PATIENCE = 60
"""Seconds after which a process that sets a paper is ended: usually it takes one."""


def pdf(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The PDF of `template`, dated `at`. A name in a script that no font here can show is still printed, without the
    archive's seal."""
    return _told(template, *compiling.compiled(**_request(template, data, at)))


def pdf_apart(template: str, data: Mapping[str, Any], *, at: datetime) -> bytes:
    """The same, set by a process that then ends. It gets its words by its input: they are on no command line."""
    asked = json.dumps(_request(template, data, at)).encode()
    program = [sys.executable, "-I", compiling.__file__]
    done = subprocess.run(program, input=asked, capture_output=True, check=True, timeout=PATIENCE)
    return _told(template, done.stdout[1:], done.stdout[:1] == b"1")


def _request(template: str, data: Mapping[str, Any], at: datetime) -> dict[str, Any]:
    return {"template": template, "data": json.dumps(data, ensure_ascii=False), "timestamp": int(at.timestamp())}


def _told(template: str, content: bytes, is_archivable: bool) -> bytes:
    if not is_archivable:
        log.warning("%s cannot be PDF/A: some letter has no font here", template)
    return content


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
