"""An evening with bad reception: 300 people through three phones, each a browser of its own, killed now and then.

The network between a phone and the server is cut half of the time, in the middle of requests too, so that an answer is
lost whose request had arrived. A third of the people are scanned at a second door as well; some leave and come back;
some show what is no ticket. After the last sync no scan is lost, nobody counts twice, every conflict is to be seen.
`CONVIVIO_SEED` chooses another evening.
"""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.async_api import Error as BrowserError
from playwright.async_api import async_playwright

from registrations.models import Registration, Scan
from registrations.services import checkin, tickets
from tests.browser.conftest import BUSY, CHROMIUM, QUIET
from tests.browser.door import PAGE, STAYS
from tests.make import make_device, make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 300
DOORS = ["Porta A", "Porta B", "Porta C"]
BY_HAND = 4  # scans of each phone that are typed into the page itself
KILLS = 3  # of each phone
SEED = int(os.environ.get("CONVIVIO_SEED", "5"))
AGAIN = "-f"

SCAN = """async ([code, direction, closes]) => {
    const { book } = await import("/static/js/door/door.js");
    const answer = await book.scan(code, direction);
    if (closes) await book.closed(answer.nonce);
    return answer;
}"""


class Line:
    """The network of one phone: a port that leads to the server while it is not cut."""

    def __init__(self, target):
        self.target = target
        self.is_cut = False
        self.writers = set()

    async def open(self):
        self.server = await asyncio.start_server(self._carry, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]

    def cut(self):
        self.is_cut = True
        for writer in list(self.writers):
            writer.transport.abort()

    def mend(self):
        self.is_cut = False

    async def close(self):
        self.cut()
        self.server.close()
        await asyncio.sleep(0.1)

    async def _carry(self, reader, writer):
        if self.is_cut:
            writer.transport.abort()
            return
        far_reader, far_writer = await asyncio.open_connection(*self.target)
        pair = {writer, far_writer}
        self.writers |= pair
        await asyncio.gather(self._pump(reader, far_writer), self._pump(far_reader, writer))
        self.writers -= pair

    @staticmethod
    async def _pump(reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(65536):
                writer.write(piece)
                await writer.drain()
        writer.transport.abort()


@dataclass
class Intent:
    """One scan that somebody at a door was about to make, and what the phone showed for it, if it was shown."""

    code: str
    direction: str
    door: str
    shown: dict | None = None


@dataclass
class Phone:
    """A real browser process with a profile of its own."""

    name: str
    token: str
    slug: str
    profile: str
    line: Line
    playwright: object
    log: list[Intent] = field(default_factory=list)
    process: subprocess.Popen | None = None

    async def start(self):
        told = Path(self.profile, "DevToolsActivePort")
        told.unlink(missing_ok=True)
        command = [CHROMIUM, *QUIET, "--headless=new", "--remote-debugging-port=0", f"--user-data-dir={self.profile}"]
        self.process = subprocess.Popen(
            [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        for _ in range(300):
            await asyncio.sleep(0.1)
            with contextlib.suppress(OSError, ValueError, BrowserError):
                port = int(told.read_text().split()[0])
                self.browser = await self.playwright.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                break
        context = self.browser.contexts[0]
        self.page = context.pages[0] if context.pages else await context.new_page()
        self.page.set_default_timeout(BUSY * 1000)
        await context.add_init_script(STAYS)
        await self.page.goto(f"http://127.0.0.1:{self.line.port}{PAGE}")

    async def pair(self):
        known = [{"slug": self.slug, "title": "", "closes_at": "2100-01-01T00:00:00Z"}]
        await self.do("await book.begin(it)", {"token": self.token, "name": self.name, "events": known})
        await self.page.reload()
        await self.page.evaluate("() => navigator.serviceWorker.ready.then(() => true)")
        await self.page.wait_for_function("() => navigator.serviceWorker.controller !== null")

    async def do(self, script, it=None):
        head = 'const { book } = await import("/static/js/door/door.js");'
        return await self.page.evaluate(f"async (it) => {{ {head} {script} }}", it)

    async def scan(self, code, direction="in", closes=True):
        intent = Intent(code, direction, self.name)
        self.log.append(intent)
        intent.shown = await self.page.evaluate(SCAN, [code, direction, closes])

    async def type(self, code):
        """As somebody does it who has no camera: the code, Enter, read the answer, go on."""
        intent = Intent(code, "in", self.name)
        self.log.append(intent)
        await self.page.locator("button[data-pane=search]").click()
        await self.page.locator("#search-words").fill(code)
        await self.page.locator("#search-words").press("Enter")
        await self.page.locator("#answer[open]").wait_for()
        intent.shown = {"status": await self.page.locator("#answer").get_attribute("data-status")}
        await self.page.locator("#answer-next").click()

    async def die(self):
        """A dead battery: nothing is closed, nothing is said."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        with contextlib.suppress(BrowserError):
            await self.browser.close()

    async def sync(self):
        self.line.mend()
        until = time.monotonic() + 3 * BUSY
        while time.monotonic() < until:
            await self.do("await book.flush(); await book.refresh()")
            if await self.do("return book.waiting") == 0:
                return
            await asyncio.sleep(0.25)
        raise AssertionError(f"{self.name} has still something to send")


async def weather(phones, chance):
    """Half of the time there is no network, for each phone by itself."""
    while True:
        for phone in phones:
            phone.line.cut() if chance.random() < 0.5 else phone.line.mend()
        await asyncio.sleep(0.1 + chance.random() * 0.6)


async def evening(phone, plan, chance):
    """What happens at one door, in order; the phone dies in the middle of a scan, between two, and after an answer."""
    deaths = set(chance.sample(range(BY_HAND + 2, len(plan)), KILLS))
    for number, (code, direction) in enumerate(plan):
        if number < BY_HAND and direction == "in":
            await phone.type(code)
        elif number not in deaths:
            await phone.scan(code, direction)
        else:
            scanning = asyncio.ensure_future(phone.scan(code, direction, closes=False))
            await asyncio.sleep(chance.choice([0, 0.005, 0.02, 0.2]))
            await phone.die()
            with contextlib.suppress(BrowserError):
                await scanning
            await phone.start()


async def hold(phones_given, target, plans, chance):
    async with async_playwright() as playwright:
        phones = []
        try:
            for name, token, slug, profile in phones_given:
                line = Line(target)
                await line.open()
                phone = Phone(name, token, slug, profile, line, playwright)
                phones.append(phone)
                await phone.start()
                await phone.pair()
            clouds = asyncio.ensure_future(weather(phones, chance))
            chances = [random.Random(f"{SEED} {phone.name}") for phone in phones]
            await asyncio.gather(*map(evening, phones, plans, chances))
            clouds.cancel()
            await asyncio.gather(*(phone.sync() for phone in phones))
            waiting = [await phone.do("return [book.waiting, book.problems.length]") for phone in phones]
            return [intent for phone in phones for intent in phone.log], waiting
        finally:
            for phone in phones:
                if phone.process and phone.process.poll() is None:
                    await phone.die()
                await phone.line.close()


def in_a_thread(work):
    """The browser of the other tests has a loop in this thread already."""
    came = {}

    def run():
        try:
            came["result"] = asyncio.run(work)
        except BaseException as error:
            came["error"] = error

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if "error" in came:
        raise came["error"]
    return came["result"]


def plans_for(people, chance):
    """For each door what is shown there, in order: (code, direction)."""
    plans = [[] for _ in DOORS]
    for person in people:
        first = chance.randrange(3)
        code = tickets.ticket_url(person) if chance.random() < 0.7 else person.code
        plans[first].append((code, "in"))
        if chance.random() < 1 / 3:
            plans[(first + chance.choice([1, 2])) % 3].append((code, "in"))
        if chance.random() < 0.12:
            plans[first].append((code, "out"))
            if chance.random() < 0.5:
                plans[first].append((code, "in"))
    for plan in plans:
        for stray in ("ABCDEFGH", "https://example.org/menu", "WIFI:S:sala;;"):
            plan.insert(chance.randrange(10, len(plan)), (stray, "in"))
    return plans


@pytest.fixture
def event(programme):
    return make_running_event(slug="convegno", in_person_capacity=400)


def test_not_one_scan_is_lost_and_nobody_counts_twice(event, live_server, front_end, tmp_path):
    if not CHROMIUM:
        pytest.skip("No Chromium on this machine.")
    chance = random.Random(SEED)
    people = [make_registration(event) for _ in range(PEOPLE)]
    devices = [make_device(event, name=name) for name in DOORS]
    given = [(device.name, token, event.slug, str(tmp_path / f"phone{n}")) for n, (device, token) in enumerate(devices)]
    address = urlsplit(live_server.url)
    plans = plans_for(people, chance)
    began = time.monotonic()
    log, waiting = in_a_thread(hold(given, (address.hostname, address.port), plans, chance))
    print(f"{len(log)} scans in {time.monotonic() - began:.0f} s")  # noqa: T201

    assert waiting == [[0, 0]] * 3
    facts = list(event.scans.select_related("device", "registration").order_by("at", "pk"))
    assert_nothing_lost(log, facts)
    assert_nothing_invented(log, facts)
    assert_presence_is_true(event, log)
    assert_conflicts_are_listed(event)


def key(door, code, direction):
    return door, code.rsplit("/", 1)[-1], direction


def key_of(intent):
    return key(intent.door, tickets.as_kept(intent.code), intent.direction)


def keys_of(fact):
    """A fact knows whose it is, a stray one what was read."""
    read = [fact.code] if fact.registration is None else [fact.registration.code, tickets.ticket_of(fact.registration)]
    return [key(fact.device.name, code, fact.direction) for code in read]


def assert_nothing_lost(log, facts):
    nonces = {fact.nonce for fact in facts}
    shown = [intent for intent in log if intent.shown]
    assert [intent for intent in shown if "nonce" in intent.shown and intent.shown["nonce"] not in nonces] == []
    there = {one for fact in facts for one in keys_of(fact)}
    assert [intent for intent in shown if key_of(intent) not in there] == []


def assert_nothing_invented(log, facts):
    """Each fact is a scan that somebody made, once; told again as having happened is the same scan."""
    firsts = [fact for fact in facts if not fact.nonce.endswith(AGAIN)]
    made = defaultdict(int)
    for intent in log:
        made[key_of(intent)] += 1
    for fact in firsts:
        (mine,) = [one for one in keys_of(fact) if made.get(one)] or [None]
        assert mine, f"nobody made {fact.nonce}"
        made[mine] -= 1
    left_over = sum(made.values())
    assert left_over <= sum(intent.shown is None for intent in log), "a scan was lost"
    nonces = {fact.nonce for fact in firsts}
    assert all(fact.nonce.removesuffix(AGAIN) in nonces for fact in facts)


def assert_presence_is_true(event, log):
    last = {}
    for person in event.registrations.all():
        seen = list(person.scans.sightings().order_by("at", "pk"))
        last[person.pk] = bool(seen) and seen[-1].direction == "in"
        assert person.is_inside == last[person.pk]
        assert (person.entered_at is not None) == bool(seen)
    ins = {intent.code.rsplit("/", 1)[-1] for intent in log if intent.shown and intent.direction == "in"}
    came = [one for one in event.registrations.all() if {one.code, tickets.ticket_of(one)} & ins]
    assert [one.code for one in came if one.entered_at is None] == []
    counts = checkin.counts(event)
    assert counts["inside"] == sum(last.values())
    assert counts["arrived"] == Registration.objects.filter(event=event, entered_at__isnull=False).count() <= PEOPLE
    outs = {intent.code.rsplit("/", 1)[-1] for intent in log if intent.direction == "out"}
    stayed = [one for one in came if not {one.code, tickets.ticket_of(one)} & outs]
    assert [one.code for one in stayed if not one.is_inside] == []


def assert_conflicts_are_listed(event):
    """Whoever came in twice without leaving is listed: the second time is `already_in`, told or to be looked at."""
    to_look_at = set(Scan.objects.to_look_at().values_list("pk", flat=True))
    conflicts = 0
    for person in event.registrations.all():
        seen = list(person.scans.sightings().order_by("at", "pk"))
        for before, after in zip(seen, seen[1:], strict=False):
            if before.direction == after.direction:
                conflicts += 1
                assert any(one.status == "repeated" or one.pk in to_look_at for one in (before, after))
    assert conflicts > PEOPLE / 8
    strays = event.scans.filter(registration=None)
    assert strays.count() >= 6
    assert set(strays.values_list("status", flat=True)) <= {"refused", "review"}
