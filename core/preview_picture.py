"""The picture that shows beside a link in a post or a chat: 1200 × 630, in the programme's colour and our own fonts.

Newsletters and events have one each. The title is wrapped and shrinks until it fits, so no word is lost; white stands
on a colour that was checked to be readable with white. Drawn once for the same words and kept: who asks for pictures
are other people's machines, many at a time when something is posted.
"""

import hashlib
from dataclasses import astuple, dataclass
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from django.core.files.storage import default_storage

if TYPE_CHECKING:
    from PIL import ImageDraw, ImageFont

WIDTH, HEIGHT = 1200, 630
KEPT_FOR = 7 * 24 * 60 * 60  # seconds
MARGIN, FOOT = 72, 138
WHITE, INK, QUIET = "#FFFFFF", "#1E2320", "#4F5650"
TITLE_TOP, TITLE_ROOM = 142, 308
TITLE_SIZES = range(84, 33, -4)
LOGO = (220, 84)
DRAWN_AS = 1
"""Raise it when the drawing changes: what is kept is drawn anew."""


@dataclass(frozen=True)
class Preview:
    """The words of a picture. `logo` is the name of a stored file; `note` is who funds it."""

    title: str
    overline: str
    name: str
    note: str
    colour: str
    logo: str = ""


def png(preview: Preview) -> bytes:
    """The picture, drawn or kept."""
    words = repr((DRAWN_AS, settings.SITE_HOST, *astuple(preview)))
    key = f"preview:{hashlib.sha256(words.encode()).hexdigest()}"
    picture = cache.get(key)
    if picture is None:
        picture = _draw(preview)
        cache.set(key, picture, KEPT_FOR)
    return picture


def _draw(preview: Preview) -> bytes:
    from PIL import Image, ImageDraw  # noqa: PLC0415  6 MiB that a web worker seldom needs

    image = Image.new("RGB", (WIDTH, HEIGHT), preview.colour)
    pen = ImageDraw.Draw(image)
    pen.text((MARGIN, 72), preview.overline, WHITE, _font("titillium-web-600", 34))
    font, lines, height = _fitting(pen, preview.title)
    for number, line in enumerate(lines):
        pen.text((MARGIN, TITLE_TOP + number * height), line, WHITE, font)
    top = HEIGHT - FOOT
    pen.rectangle((0, top, WIDTH, HEIGHT), WHITE)
    for course in range(3):  # of serpentine and marble, as above every page
        pen.rectangle((0, top - 30 + course * 12, WIDTH, top - 25 + course * 12), WHITE)
    left = MARGIN + _mark(image, pen, preview, top + 27) + 26
    host = _font("titillium-web-400", 26)
    right = WIDTH - MARGIN - pen.textlength(settings.SITE_HOST, host)
    room = right - 40 - left
    pen.text((left, top + 25), _cut(pen, preview.name, _font("titillium-web-700", 38), room), INK,
             _font("titillium-web-700", 38))  # fmt: skip
    pen.text((left, top + 76), _cut(pen, preview.note, host, room), QUIET, host)
    pen.text((right, top + 52), settings.SITE_HOST, QUIET, host)
    written = BytesIO()
    image.save(written, "PNG", optimize=True)
    return written.getvalue()


def _fitting(pen: "ImageDraw.ImageDraw", title: str) -> tuple["ImageFont.FreeTypeFont", list[str], int]:
    """The largest size at which the whole title fits, its lines and their height."""
    for size in TITLE_SIZES:
        font, height = _font("titillium-web-700", size), round(size * 1.14)
        lines = _wrapped(pen, title, font, WIDTH - 2 * MARGIN)
        if len(lines) * height <= TITLE_ROOM:
            lines = _balanced(pen, title, font, lines)
            break
    kept = lines[: TITLE_ROOM // height]
    if len(kept) < len(lines):
        kept[-1] = _cut(pen, f"{kept[-1]} …", font, WIDTH - 2 * MARGIN)
    return font, kept, height


def _balanced(pen: "ImageDraw.ImageDraw", title: str, font: "ImageFont.FreeTypeFont", lines: list[str]) -> list[str]:
    """As many lines, of about the same length: no last line of one word."""
    for room in range(WIDTH - 2 * MARGIN, WIDTH // 2, -30):
        narrower = _wrapped(pen, title, font, room)
        if len(narrower) > len(lines):
            break
        lines = narrower
    return lines


def _wrapped(pen: "ImageDraw.ImageDraw", title: str, font: "ImageFont.FreeTypeFont", room: float) -> list[str]:
    lines = [""]
    for word in title.split():
        longer = f"{lines[-1]} {word}".strip()
        if pen.textlength(longer, font) <= room:
            lines[-1] = longer
            continue
        lines += [] if not lines[-1] else [""]
        while pen.textlength(word, font) > room:  # one word wider than the picture
            fits = next(end for end in range(len(word), 0, -1) if pen.textlength(word[:end], font) <= room)
            lines[-1:] = [word[:fits], ""]
            word = word[fits:]
        lines[-1] = word
    return lines


def _cut(pen: "ImageDraw.ImageDraw", words: str, font: "ImageFont.FreeTypeFont", room: float) -> str:
    if pen.textlength(words, font) <= room:
        return words
    while words and pen.textlength(f"{words}…", font) > room:
        words = words[:-1].rstrip()
    return f"{words}…"


def _mark(image, pen: "ImageDraw.ImageDraw", preview: Preview, top: int) -> int:
    """The programme's logo or, without one, the loggia of two arches of every page. How wide it is."""
    from PIL import Image  # noqa: PLC0415

    if preview.logo:
        try:
            with default_storage.open(preview.logo) as file, Image.open(file) as logo:
                logo = logo.convert("RGBA")
            logo.thumbnail(LOGO)
            image.paste(logo, (MARGIN, top), logo)
            return logo.width
        except (OSError, ValueError):
            pass
    pen.rounded_rectangle((MARGIN, top, MARGIN + 84, top + 84), 14, preview.colour)
    for left in (MARGIN + 10, MARGIN + 47):
        pen.pieslice((left, top + 24, left + 27, top + 51), 180, 360, WHITE)
        pen.rectangle((left, top + 37, left + 27, top + 84), WHITE)
    return 84


@lru_cache(maxsize=64)
def _font(name: str, size: int) -> "ImageFont.FreeTypeFont":
    """One of the pages' fonts; where the front-end files are missing, the one that comes with the drawing library."""
    from PIL import ImageFont  # noqa: PLC0415

    try:
        return ImageFont.truetype(settings.FRONTEND_DIR / "bootstrap-italia" / "fonts" / f"{name}.woff2", size)
    except OSError:
        return ImageFont.load_default(size)
