"""The picture beside a link: whole words, inside the frame, readable."""

from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, ImageDraw

from core import preview_picture
from core.preview_picture import HEIGHT, MARGIN, TITLE_ROOM, WIDTH, Preview
from programmes.colours import NEEDED, contrast_with_white

LONG = (
    "Che cosa chiedono lavoratrici, lavoratori e imprese: i risultati dell’indagine sui fabbisogni, "
    "provincia per provincia, e le proposte che ne sono nate"
)


def preview(**over) -> Preview:
    words = {"title": "Si parte!", "overline": "Newsletter VLT · luglio 2026", "name": "Vita Lavoro Toscana"}
    return Preview(**words | {"note": "Cofinanziato dall’Unione europea", "colour": "#1F4D3A"} | over)


def opened(one: Preview) -> Image.Image:
    return Image.open(BytesIO(preview_picture.png(one)))


@pytest.mark.parametrize("title", ["È", "Si parte!", LONG, "W" * 150, "ab " * 50, ""])
def test_title_of_any_length_fits_with_every_word(title):
    pen = ImageDraw.Draw(Image.new("RGB", (WIDTH, HEIGHT)))
    font, lines, height = preview_picture._fitting(pen, title)
    assert len(lines) * height <= TITLE_ROOM
    assert all(pen.textlength(line, font) <= WIDTH - 2 * MARGIN for line in lines)
    assert "".join(lines).replace(" ", "") == title.replace(" ", "")


def test_words_nobody_could_fit_end_with_dots():
    pen = ImageDraw.Draw(Image.new("RGB", (WIDTH, HEIGHT)))
    _font, lines, _height = preview_picture._fitting(pen, "parole " * 100)
    assert lines[-1].endswith("…")


def test_picture_has_the_programmes_colour_and_white_words_on_it():
    image = opened(preview(colour="#6A1B4D"))
    assert image.getpixel((5, 5)) == (0x6A, 0x1B, 0x4D)
    assert (255, 255, 255) in {image.getpixel((x, 190)) for x in range(MARGIN, 500)}
    assert contrast_with_white(preview_picture.INK) > NEEDED
    assert contrast_with_white(preview_picture.QUIET) > NEEDED


def test_nothing_is_drawn_outside_the_margins():
    image = opened(preview(title=LONG, name="Un programma dal nome lunghissimo " * 3, note="Con il sostegno di " * 9))
    edges = {image.getpixel((x, y)) for x in (*range(60), *range(WIDTH - 60, WIDTH)) for y in range(0, 460, 5)}
    assert edges == {(0x1F, 0x4D, 0x3A)}


def test_logo_takes_the_place_of_the_mark_and_a_broken_one_does_not():
    red = BytesIO()
    Image.new("RGB", (300, 300), "#FF0000").save(red, "PNG")
    logo = default_storage.save("programmes/logo.png", ContentFile(red.getvalue()))
    broken = default_storage.save("programmes/broken.png", ContentFile(b"no picture"))
    assert opened(preview(logo=logo)).getpixel((MARGIN + 40, HEIGHT - 70)) == (255, 0, 0)
    assert opened(preview(logo=broken)).tobytes() == opened(preview()).tobytes()
