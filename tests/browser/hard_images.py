"""Makes the pictures on which the phone's reader is tried: our tickets as a cheap phone sees them that is held badly.

`uv run python -m tests.browser.hard_images` draws them anew into `images/`, always the same ones: every accident is
drawn from a seeded lot. Each picture is a grey JPEG of the square that the camera cuts out, with a ticket's QR code
(its whole address, 49 modules a side) before a cluttered wall. What stands in it is told by `text_of`.
"""

import base64
import io
import struct
from collections.abc import Callable
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from registrations.documents import qr

IMAGES = Path(__file__).parent / "images"
SIDE = 480
CUT = 40  # of each edge, once everything is drawn
OF_EACH = 6
SIGNS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def text_of(name: str) -> str:
    """The address in the ticket of the picture `name` (its file name without the ending)."""
    lot = Random(f"ticket {name}")
    code = "".join(lot.choices(SIGNS, k=8)).encode()
    ticket = struct.pack(">BIH8s", 1, lot.randrange(1, 400), lot.randrange(1, 4), code) + lot.randbytes(64)
    return f"https://convivio.example.org/t/{base64.urlsafe_b64encode(ticket).decode().rstrip('=')}"


def code_of(name: str, side: int, *, quiet: int = 4) -> Image.Image:
    """The QR code with `side` pixels from its first module to its last, drawn large and made smaller as a lens does."""
    code = Image.open(io.BytesIO(qr.png(text_of(name)))).convert("L")
    module = qr.PIXELS
    edge = (qr.QUIET - quiet) * module
    code = code.crop((edge, edge, code.width - edge, code.height - edge))
    modules = code.width // module
    return code.resize((round(side * modules / (modules - 2 * quiet)),) * 2, Image.Resampling.BOX)


def wall(lot: Random) -> Image.Image:
    """What else is before the camera: a table, sheets with writing, a badge."""
    picture = Image.new("L", (SIDE, SIDE), lot.randrange(90, 170))
    draw = ImageDraw.Draw(picture)
    for _sheet in range(7):
        x, y = lot.randrange(-80, SIDE), lot.randrange(-80, SIDE)
        draw.rectangle((x, y, x + lot.randrange(40, 260), y + lot.randrange(40, 200)), fill=lot.randrange(40, 235))
        for line in range(lot.randrange(6)):
            draw.line((x + 8, y + 8 + 9 * line, x + lot.randrange(30, 120), y + 8 + 9 * line), fill=30, width=2)
    return picture.filter(ImageFilter.GaussianBlur(1.5))


def noisy(picture: Image.Image, lot: Random, strength: float) -> Image.Image:
    """The grain of a small sensor: the mean of two lots, `strength` grey levels wide."""
    grain = [Image.frombytes("L", picture.size, lot.randbytes(SIDE * SIDE)) for _ in range(2)]
    grain = ImageChops.add(*grain, scale=2).point(lambda value: 128 + (value - 128) * strength / 52)
    return ImageChops.add(picture, grain, offset=-128)


def held(code: Image.Image, lot: Random, *, degrees: float = 9, lean: float = 0.03) -> Image.Image:
    """Before the wall, somewhere near the middle, turned and leaning as a hand holds it."""
    paper = code.convert("LA")
    larger = Image.new("LA", (SIDE, SIDE), (255, 0))
    x, y = ((SIDE - code.width) // 2 + lot.randint(-12, 12) for _ in range(2))
    larger.paste(paper, (x, y))
    larger = larger.rotate(lot.uniform(-degrees, degrees), Image.Resampling.BICUBIC, fillcolor=(255, 0))
    larger = larger.transform(larger.size, Image.Transform.PERSPECTIVE, _leaning(lot, lean), Image.Resampling.BICUBIC)
    picture = wall(lot)
    picture.paste(larger.getchannel("L"), mask=larger.getchannel("A"))
    return picture


def _leaning(lot: Random, lean: float) -> list[float]:
    """The eight numbers of a perspective about the picture's middle (Pillow wants the way back)."""
    across, down = lot.choice([-1, 1]) * lean, lot.choice([-1, 1]) * lean * lot.uniform(0.3, 1)
    half = SIDE / 2
    g, h = across / half, down / half
    stretch = 1 + 2 * lean
    a, e = stretch + g * half, stretch + h * half
    b, d = h * half, g * half
    c = half - a * half - b * half + (g + h) * half * half
    f = half - d * half - e * half + (g + h) * half * half
    return [a, b, c, d, e, f, g, h]


def moved(picture: Image.Image, length: int, lot: Random) -> Image.Image:
    """Shaken while the shutter was open: the mean along a line of `length` pixels."""
    dx, dy = lot.choice([(1, 0), (0, 1), (0.7, 0.7), (0.7, -0.7)])
    total = picture
    for step in range(1, length + 1):
        shifted = ImageChops.offset(picture, round(dx * step), round(dy * step))
        total = Image.blend(total, shifted, 1 / (step + 1))
    return total


def small(name: str, lot: Random, degree: float) -> Image.Image:
    return noisy(held(code_of(name, round(145 - 38 * degree)), lot).filter(ImageFilter.GaussianBlur(0.4)), lot, 5)


def blurred(name: str, lot: Random, degree: float) -> Image.Image:
    return noisy(held(code_of(name, 300), lot).filter(ImageFilter.GaussianBlur(1.8 + 1.5 * degree)), lot, 4)


def shaken(name: str, lot: Random, degree: float) -> Image.Image:
    return noisy(moved(held(code_of(name, 300), lot), round(4 + 7 * degree), lot), lot, 5)


def turned(name: str, lot: Random, degree: float) -> Image.Image:
    picture = held(code_of(name, 260), lot, degrees=180)
    return noisy(picture.filter(ImageFilter.GaussianBlur(0.7 + 0.4 * degree)), lot, 5)


def tilted(name: str, lot: Random, degree: float) -> Image.Image:
    picture = held(code_of(name, 290), lot, degrees=25, lean=0.2 + 0.25 * degree)
    return noisy(picture.filter(ImageFilter.GaussianBlur(0.7)), lot, 5)


def dark(name: str, lot: Random, degree: float) -> Image.Image:
    picture = held(code_of(name, 280), lot).filter(ImageFilter.GaussianBlur(0.8))
    return noisy(picture.point(lambda value: 6 + value * (0.2 - 0.14 * degree)), lot, 4)


def glare(name: str, lot: Random, degree: float) -> Image.Image:
    """A lamp in the screen's glass over one part of the code, the rest in its veil."""
    picture = held(code_of(name, 290), lot).filter(ImageFilter.GaussianBlur(0.8))
    size = round(SIDE * (0.9 + 0.5 * degree))
    lamp = Image.radial_gradient("L").resize((size, size)).point(lambda value: max(0, 255 - value * 1.5))
    light = Image.new("L", (SIDE, SIDE), 25)
    light.paste(lamp, (lot.randrange(20, SIDE - 160) - size // 4, lot.randrange(20, SIDE - 160) - size // 4))
    return noisy(ImageChops.add(picture.point(lambda value: value * 0.8), light), lot, 4)


def shaded(name: str, lot: Random, degree: float) -> Image.Image:
    """Half in the shadow of a hand."""
    picture = held(code_of(name, 280), lot).filter(ImageFilter.GaussianBlur(0.8))
    shadow = Image.new("L", (SIDE, SIDE), 255)
    edge = lot.randrange(170, 310)
    half = [(0, 0), (edge, 0), (edge + lot.randrange(-120, 120), SIDE), (0, SIDE)]
    ImageDraw.Draw(shadow).polygon(half, fill=round(90 - 45 * degree))
    return noisy(ImageChops.multiply(picture, shadow.filter(ImageFilter.GaussianBlur(6))), lot, 5)


def moire(name: str, lot: Random, degree: float) -> Image.Image:
    """A screen photographed: its dots and the sensor's beat against each other."""
    picture = held(code_of(name, 290), lot, degrees=5)
    period = lot.uniform(2.3, 3.4)
    grid = Image.new("L", (SIDE * 2, SIDE * 2), 255)
    draw = ImageDraw.Draw(grid)
    for line in range(int(SIDE * 2 / period)):
        at = line * period
        draw.line((at, 0, at, SIDE * 2), fill=round(130 - 60 * degree))
        draw.line((0, at, SIDE * 2, at), fill=round(150 - 60 * degree))
    middle = (SIDE // 2, SIDE // 2, SIDE * 3 // 2, SIDE * 3 // 2)
    grid = grid.rotate(lot.uniform(-8, 8), Image.Resampling.BILINEAR).crop(middle)
    return noisy(ImageChops.multiply(picture, grid).filter(ImageFilter.GaussianBlur(0.5)), lot, 6)


def pale(name: str, lot: Random, degree: float) -> Image.Image:
    """Hardly any contrast: a printer at its end, a screen turned low."""
    code = code_of(name, 280).point(lambda value: 150 + value * (0.2 - 0.13 * degree))
    return noisy(held(code, lot).filter(ImageFilter.GaussianBlur(0.7)), lot, 3)


def inverted(name: str, lot: Random, degree: float) -> Image.Image:
    picture = held(ImageChops.invert(code_of(name, 270)), lot)
    return noisy(picture.filter(ImageFilter.GaussianBlur(0.7 + 0.5 * degree)), lot, 5)


def grainy(name: str, lot: Random, degree: float) -> Image.Image:
    return noisy(held(code_of(name, 290), lot).filter(ImageFilter.GaussianBlur(0.8)), lot, 26 + 26 * degree)


def edgeless(name: str, lot: Random, degree: float) -> Image.Image:
    """Cut out to its very edge, before the wall."""
    picture = held(code_of(name, 270, quiet=0), lot)
    return noisy(picture.filter(ImageFilter.GaussianBlur(0.6 + 0.4 * degree)), lot, 5)


KINDS: list[Callable[[str, Random, float], Image.Image]] = [
    small, blurred, shaken, turned, tilted, dark, glare, shaded, moire, pale, inverted, grainy, edgeless,
]  # fmt: skip
"""Each draws a ticket's picture of a degree from 0 (bad) to 1 (as bad as a person would still hold it there)."""


def pictures():
    """Pairs of the name and the JPEG of every picture."""
    for kind in KINDS:
        for number in range(OF_EACH):
            name = f"{kind.__name__}-{number + 1}"
            picture = kind(name, Random(f"picture {name}"), number / (OF_EACH - 1))
            picture = picture.crop((CUT, CUT, SIDE - CUT, SIDE - CUT))
            file = io.BytesIO()
            picture.save(file, "JPEG", quality=24, optimize=True)
            yield name, file.getvalue()


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    for name, content in pictures():
        (IMAGES / f"{name}.jpg").write_bytes(content)
