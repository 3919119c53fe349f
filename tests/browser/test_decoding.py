"""The phone's reader on a fixed set of hard pictures (`hard_images.py` makes them), through our own decode.js."""

import gzip
import json
import re
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from tests.browser import hard_images

PAGE = "/gestione/checkin/"
PICTURES = sorted(hard_images.IMAGES.glob("*.jpg"))
ENOUGH = 0.95
ENOUGH_ALONE = 0.85  # `qr` by itself, where WebAssembly is refused: 90 % measured
MOST_TOGETHER, MOST_BYTES = 1_000_000, 700_000

READ = """async ({ pictures, withoutWasm, withoutWorker }) => {
    const config = JSON.parse(document.getElementById("config").textContent);
    if (withoutWasm) config.zxing = "/static/js/door/no-such-file.js";
    if (withoutWorker) config.reader = "/static/js/door/no-such-file.js";
    const { Decoder } = await import("/static/js/door/decode.js");
    const decoder = new Decoder(config);
    const wanted = withoutWasm ? "qr" : "zxing";
    while (decoder.engine !== wanted) await new Promise((resolve) => decoder.addEventListener("ready", resolve));
    const read = [];
    for (const picture of pictures) {
        const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const image = context.getImageData(0, 0, bitmap.width, bitmap.height);
        const began = performance.now();
        read.push([await decoder.read(image, 60_000), performance.now() - began]);
    }
    return read;
}"""


@pytest.fixture
def read(page, programme):
    """`read(withoutWasm=False)`: what the reader in the page's worker finds in every picture, and in how long."""

    def look(**how):
        page.goto(PAGE)
        page.context.route("**/no-such-file.js", lambda route: route.abort())
        page.context.route(
            "**/hard/*", lambda route: route.fulfill(path=hard_images.IMAGES / Path(route.request.url).name)
        )
        return page.evaluate(
            READ, {"pictures": [f"/hard/{path.name}" for path in PICTURES], "withoutWasm": False} | how
        )

    return look


def table(read) -> dict[str, list[bool]]:
    """Right or not, by kind; a wrong reading fails at once."""
    kinds: dict[str, list[bool]] = {}
    for path, (text, _ms) in zip(PICTURES, read, strict=True):
        assert text in {None, hard_images.text_of(path.stem)}, f"{path.stem} was read as something else"
        kinds.setdefault(path.stem.split("-")[0], []).append(text is not None)
    taken = sorted(ms for _text, ms in read)
    rows = [f"{kind:10}" + "".join("x" if one else "." for one in right) for kind, right in kinds.items()]
    sys.stdout.write("\n".join([*rows, f"median {taken[len(taken) // 2]:.0f} ms, slowest {taken[-1]:.0f} ms\n"]))
    return kinds


def rate(kinds) -> float:
    return sum(map(sum, kinds.values())) / sum(map(len, kinds.values()))


def test_pictures_are_as_they_were_made_and_light():
    assert len(PICTURES) >= 60
    assert {path.stem for path in PICTURES} == {name for name, _content in hard_images.pictures()}
    assert sum(path.stat().st_size for path in PICTURES) < MOST_TOGETHER


@pytest.mark.django_db(transaction=True)
def test_hard_pictures_are_read(read):
    assert rate(table(read())) >= ENOUGH


@pytest.mark.django_db(transaction=True)
def test_hard_pictures_are_read_where_webassembly_is_refused(read):
    assert rate(table(read(withoutWasm=True))) >= ENOUGH_ALONE


@pytest.mark.django_db(transaction=True)
def test_browser_without_such_workers_reads_in_the_page(read):
    assert rate(table(read(withoutWorker=True))) >= ENOUGH


@pytest.mark.django_db
def test_first_load_is_light(front_end, programme):
    """Everything that the page ever loads, compressed as it travels, its own HTML and the WebAssembly included."""
    worker = Client().get(f"{PAGE}worker.js").content.decode()
    files = json.loads(re.search(r"self.DOOR = (.*);", worker).group(1))["files"]
    contents = [Client().get(PAGE).content, worker.encode()]
    for file in files:
        contents.append(Path(finders.find(file.removeprefix(settings.STATIC_URL))).read_bytes())
    total = sum(len(gzip.compress(content, 6)) for content in contents)
    sys.stdout.write(f"{total / 1000:.0f} kB in {len(contents)} files\n")
    assert total < MOST_BYTES


HARD = "edgeless-2"  # not read at the first look
GLANCE = """async (picture) => {
    const config = JSON.parse(document.getElementById("config").textContent);
    const { Decoder } = await import("/static/js/door/decode.js");
    const decoder = new Decoder(config);
    while (decoder.engine !== "zxing") await new Promise((resolve) => decoder.addEventListener("ready", resolve));
    const bitmap = await createImageBitmap(await (await fetch(picture)).blob());
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
    context.drawImage(bitmap, 0, 0);
    const looks = [];
    while (looks.length < 200 && !(looks.includes(null) && looks.at(-1))) {
        looks.push(await decoder.glance(context.getImageData(0, 0, bitmap.width, bitmap.height)));
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return looks;
}"""


@pytest.mark.django_db(transaction=True)
def test_camera_goes_on_looking_while_a_hard_picture_is_read(page, programme):
    hard = next(path for path in PICTURES if path.stem == HARD)
    page.context.route("**/hard/*", lambda route: route.fulfill(path=hard))
    page.goto(PAGE)
    looks = page.evaluate(GLANCE, "/hard/one.jpg")
    assert None in looks, "every look was as long as it takes to read a hard picture"
    assert looks[-1] == hard_images.text_of(HARD)
