"""How soon the answer fills the screen: from the moment the camera caught the frame that holds the code to its paint.

A real Chromium, paired with a door that expects 2,000 people, is shown one ticket after the other by a camera that
plays a film (1280 × 960, thirty pictures a second: hand-held tickets, between two of them a blurred hall). The whole
chain is the page's own: frames, reader, signature, disk, web server, dialog. A frame's moment is `captureTime` as
`requestVideoFrameCallback` tells it; painted is the second animation frame after the answer stood in the page, so up
to one frame (16 ms) too late. How often the page looks stands beside it: a ticket waits for the next look.

“4 times as slow” is Chromium's own throttle, which slows the page and not its workers: what the reader says is held
back by three times what it took. No phone's camera, and no phone's disk, is measured here.
"""

import io
import itertools
import random
import statistics
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.urls import reverse

from config.bench import chromium
from config.bench.checkin import PEOPLE, people_of
from config.bench.measuring import MILLI, BenchError, Report, spread
from config.bench.stage import Stage
from events.models import Event
from registrations.documents import qr
from registrations.services import devices

SHOWN = 32
RATE = 30  # pictures a second, as Chromium plays such a film
LEAD, HELD, AWAY = 10.0, 0.6, 0.25  # seconds: until the phone is ready, of a ticket, between two of them
SLOW = 4
LINES = {
    "server in normal time": {"offline": False, "latency": 0},
    "without network": {"offline": True, "latency": 0},
    "server after 2 s": {"offline": False, "latency": 2000},
}
TURNS = [("zxing", speed, line) for speed in (1, SLOW) for line in LINES] + [
    ("qr", speed, line) for speed in (1, SLOW) for line in ("server in normal time", "without network")
]
ADDRESS = "https://eventi.example.org/t/"  # before the ticket, in its code
AIM = "≤ 200 ms"

WATCH = """(hasWasm) => {
    let frame = null;
    const seen = (globalThis.bench = { answers: [], looks: [], slower: 1 });
    const ask = HTMLVideoElement.prototype.requestVideoFrameCallback;
    HTMLVideoElement.prototype.requestVideoFrameCallback = function (look) {
        return ask.call(this, (now, { captureTime, presentationTime }) => {
            frame = { captured: captureTime ?? presentationTime, looked: performance.now() };
            seen.looks.push(frame.looked);
            return look(now);
        });
    };
    const send = Worker.prototype.postMessage;
    Worker.prototype.postMessage = function (data, moved) {
        if (data.addresses && !hasWasm) data.addresses = { ...data.addresses, wasm: "/none.wasm" };
        if (frame) frame.sent ??= performance.now();
        return send.call(this, { ...data, slower: seen.slower }, moved ?? []);
    };
    const listen = Worker.prototype.addEventListener;
    Worker.prototype.addEventListener = function (kind, heard, options) {
        return listen.call(this, kind, (event) => {
            if (kind !== "message") return heard(event);
            if (event.data.text) frame.read = performance.now();
            return heard(event);
        }, options);
    };
    addEventListener("DOMContentLoaded", () => {
        const answered = () => {
            const name = document.getElementById("answer-name").textContent;
            const mine = { ...frame, name, title: document.getElementById("answer-title").textContent, there: performance.now() };
            if (!name || seen.answers.some((one) => one.name === name)) return;
            seen.answers.push(mine);
            requestAnimationFrame(() => requestAnimationFrame((now) => (mine.painted = now)));
        };
        new MutationObserver(answered).observe(document.getElementById("answer-name"), { childList: true });
    });
}"""  # noqa: E501

# Stands before the worker's own script: what it says is held back.
SLOW_READER = """
    let began = 0;
    let slower = 1;
    const say = self.postMessage.bind(self);
    addEventListener("message", ({ data }) => {
        began = performance.now();
        slower = data.slower;
    });
    self.postMessage = (data, moved) => {
        if (data.id && slower > 1) setTimeout(say, (slower - 1) * (performance.now() - began), data, moved);
        else say(data, moved);
    };
"""


def measure(stage: Stage, report: Report) -> None:
    event = stage.event("seminario-pisa", timedelta(hours=-1))
    tickets = iter(people_of(event, PEOPLE))
    stage.serve()
    for engine, speed, line in TURNS:
        shown = list(itertools.islice(tickets, SHOWN))
        with tempfile.TemporaryDirectory() as directory:
            reel = Path(directory) / "tickets.mjpeg"
            reel.write_bytes(b"".join(film(shown)))
            address = door(f"http://127.0.0.1:{stage.port}", event)  # the browser's driver forbids the database
            with chromium.running(plays(reel)) as browser:
                found = seen(browser, address, (engine, speed, line), SHOWN)
        name = f"{engine}, {line}" + (f", {speed} times as slow" if speed > 1 else "")
        report.add(name, **row(found, SHOWN), aim=AIM)


def plays(reel: Path) -> str:
    return f"--use-file-for-fake-video-capture={reel}"


def door(site: str, event: Event) -> str:
    """The page that pairs itself when it is opened."""
    _device, code = devices.create_pairing(events=[event], name="bench")
    return f"{site}{reverse('registrations:checkin')}#{code}"


def seen(browser, address: str, turn: tuple[str, int, str], count: int) -> dict:
    engine, speed, line = turn
    context = browser.new_context(viewport=chromium.PHONE, permissions=["camera"])
    context.add_init_script(f"({WATCH})({str(engine == 'zxing').lower()})")
    page = context.new_page()
    if speed > 1:
        page.route("**/decode_worker*.js", _slowed)
    page.goto(address)
    page.locator(f"#door[data-reader={engine}]").wait_for()
    page.wait_for_load_state("networkidle")
    page.unroute_all()
    began = page.evaluate("performance.getEntriesByName('ready to scan')[0].startTime")
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": speed})
    session.send("Network.enable")
    quick = {"downloadThroughput": -1, "uploadThroughput": -1}
    session.send("Network.emulateNetworkConditions", LINES[line] | quick)
    now = page.evaluate(f"(bench.slower = {speed}, bench.looks.length = 0, performance.now())")
    if now - began > (LEAD - 1) * MILLI or page.evaluate("bench.answers.length"):
        raise BenchError("The phone was not ready before the first ticket: this machine is too busy.")
    page.wait_for_timeout((LEAD + count * (HELD + AWAY) + 1) * MILLI - (now - began))
    return page.evaluate("bench")


def _slowed(route) -> None:
    script = route.fetch()
    route.fulfill(response=script, body=SLOW_READER + script.text())


def row(found: dict, count: int) -> dict:
    answers = [one for one in found["answers"] if "painted" in one]
    if not answers:
        raise BenchError("No ticket was answered.")
    whole = [(one["painted"] - one["captured"]) / MILLI for one in answers]
    looks = [later - sooner for sooner, later in itertools.pairwise(found["looks"])]

    def median(begin: str, end: str) -> int:
        return round(statistics.median(one[end] - one[begin] for one in answers if begin in one and end in one))

    return {
        **{key: round(value) for key, value in spread(whole).items()},
        "worst_ms": round(max(whole) * MILLI),
        "answered": f"{len(answers)}/{count}",
        "to_the_page": median("captured", "looked"),
        "grabbed": median("looked", "sent"),
        "read": median("sent", "read"),
        "decided": median("read", "there"),
        "painted": median("there", "painted"),
        "a_look_every": round(statistics.median(looks)),
    }


def film(tickets: list[str]) -> Iterator[bytes]:
    """Motion JPEG: the hall for a while, then one ticket after the other, then the hall until nobody looks any more."""
    hall = _hall()
    away = _jpeg(hall)
    yield away * round(LEAD * RATE)
    for number, ticket in enumerate(tickets):
        yield _jpeg(_held(hall, ADDRESS + ticket, number)) * round(HELD * RATE)
        yield away * round(AWAY * RATE)
    yield away * round(60 * RATE)


def _hall():
    from PIL import Image  # noqa: PLC0415  of the development environment only

    dice = random.Random(7)  # noqa: S311
    small = Image.new("L", (32, 24))
    small.putdata([dice.randint(40, 200) for _pixel in range(32 * 24)])
    return small.resize((1280, 960), Image.Resampling.BICUBIC).convert("RGB")


def _held(hall, ticket: str, number: int):
    from PIL import Image, ImageFilter  # noqa: PLC0415

    code = Image.open(io.BytesIO(qr.png(ticket))).convert("RGBA").resize((440, 440))
    code = code.rotate(number * 5 % 30 - 15, expand=True, resample=Image.Resampling.BICUBIC)
    picture = hall.copy()
    picture.paste(code, (330 + number * 13 % 100, 190 + number * 7 % 60), code)
    return picture.filter(ImageFilter.GaussianBlur(1.2))


def _jpeg(picture) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=85)
    return written.getvalue()
