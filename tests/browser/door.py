"""What the tests of the phone at the door share: who stands there, what is done to the page, what to its book."""

import re
from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Registration
from registrations.services import attendance, devices
from tests.make import make_device, make_registration, make_running_event, make_scan

PAGE = "/gestione/checkin/"
SCANS = re.compile(r"/checkin/scans$")

TYPE = """(body, text) => {
    for (const key of [...text, "Enter"]) {
        const target = document.activeElement ?? body;
        const isUsed = !target.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        if (!isUsed && key.length === 1 && target.matches("input:not([type=radio])")) target.value += key;
    }
}"""

# A welcome goes by itself; here it waits for a machine that does other things besides.
STAYS = """{
    const later = window.setTimeout;
    window.setTimeout = (work, pause, ...more) => later(work, work.name === "hide" ? 60_000 : pause, ...more);
}"""

WRONG_CLOCK = """
    window.ahead = Number(sessionStorage.ahead ?? %d);
    const real = Date.now.bind(Date), Right = Date;
    Date = class extends Right {
        constructor(...when) { when.length ? super(...when) : super(real() + window.ahead); }
        static now() { return real() + window.ahead; }
    };
"""

LOSE_DATABASE = """async () => {
    await new Promise((resolve, reject) => {
        const request = indexedDB.open("convivio-door", 1);
        request.onsuccess = () => {
            const names = ["state", "people", "queue"];
            const work = request.result.transaction(names, "readwrite");
            names.forEach((name) => work.objectStore(name).clear());
            work.oncomplete = resolve;
            work.onerror = reject;
        };
    });
}"""


@pytest.fixture
def event(programme, pisa):
    return make_running_event(slug="seminario-pisa", territory=pisa)


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi", organisation="Officine Verdi")


@pytest.fixture
def pair(event):
    """`pair(page)`: the page as the phone of this event's door, with its list; answers stay until one goes on."""

    def type_code(page, *, stays=True):
        if stays:
            page.add_init_script(STAYS)
        _device, code = devices.create_pairing(events=[event])
        page.goto(PAGE)
        page.get_by_label("Codice di collegamento").fill(code)
        page.get_by_label("Nome di questo telefono").fill("Ingresso")
        page.get_by_role("button", name="Collega").click()
        expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
        page.evaluate("async () => (await import('/static/js/door/door.js')).book.lookAround()")

    return type_code


@pytest.fixture
def phone(page, event, anna):
    return Phone(page, event)


def check(page, code):
    """Type a code; the answer stays on the screen."""
    page.get_by_role("button", name="Cerca").click()
    field = page.get_by_label("Nome, cognome o codice")
    field.fill(code)
    field.press("Enter")
    expect(page.locator("#answer")).to_be_visible()


def lets_in(page, why="C’è un posto libero"):
    """“Let in all the same”, for a reason in one tap."""
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    page.get_by_role("button", name=why).click()


def goes_on(page):
    page.locator("#answer-next").click()
    expect(page.locator("#answer")).to_be_hidden()


def scans(page, text):
    """A scanner that types: every sign at once, then Enter, wherever the cursor stands."""
    page.locator("body").evaluate(TYPE, text)


def holds_back(page):
    """A line on which the server's answer comes when the test says so: `release()`."""
    held = []
    page.context.route("**/checkin/scans", lambda route: held.append(route))

    def release():
        for route in held:
            route.continue_()
        page.context.unroute("**/checkin/scans")

    return release


def everything_is_said(page):
    """What the phone has to send is sent, and what the server says to it is on the screen."""
    page.evaluate("async () => (await import('/static/js/door/door.js')).book.flush()")


def was_seen(registration, **ago):
    """Another door let her in some time ago."""
    device, _token = make_device(registration.event, name="Porta B")
    with transaction.atomic():
        make_scan(registration, at=timezone.now() - timedelta(**ago), device=device)
        attendance.recompute(registration)


def fill_in(page):
    """The form of somebody who is not registered."""
    page.get_by_role("button", name="Aggiungi").click()
    page.get_by_label("Nome", exact=True).fill("Bruna")
    page.locator("#last-name").fill("Neri")
    page.get_by_label("Ho letto").check()


def asks_in_a_full_hall(page, pair, event):
    event.in_person_capacity = 0
    event.save(update_fields=["in_person_capacity"])
    pair(page)
    fill_in(page)
    page.get_by_role("button", name="Iscrivi e fai entrare").click()


def kept_for_later(page):
    """Wait until the service worker has everything for the time without network."""
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function(
        "async () => (await caches.keys()).length > 0 && navigator.serviceWorker.controller !== null"
    )


def begins_paper_list(page):
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Inserisci un elenco di carta").click()


class Phone:
    """A page at this event's door. What is done to its `book` is written in the page's own language."""

    def __init__(self, page, *events, name="Porta A"):
        self.page = page
        self.device, token = make_device(*events, name=name)
        page.goto(PAGE)
        known = [
            {"id": one.pk, "slug": one.slug, "title": str(one.title), "closes_at": one.ends_at.isoformat()}
            for one in events
        ]
        self.do("await book.begin(it)", {"token": token, "name": name, "events": known})

    def do(self, script, it=None):
        head = 'const { book } = await import("/static/js/door/door.js");'
        return self.page.evaluate(f"async (it) => {{ {head} {script} }}", it)

    def scan(self, code, direction="in", **options):
        return self.do("return book.scan(it[0], it[1], it[2])", [code, direction, options])

    def closed(self, answer):
        self.do("await book.closed(it)", answer["nonce"])

    def let_in(self, code, direction="in"):
        answer = self.scan(code, direction)
        self.closed(answer)
        return answer

    def walk_in(self, **person):
        values = {"first_name": "Bruna", "last_name": "Neri", "consents": {"privacy": True}, "language": "it"}
        return self.do("return book.walkIn(it)", values | person)

    def brings_a_walk_in_that_is_refused(self):
        """Without network she was let in and has gone; what was typed of her is wrong, as the server says later."""
        self.cut()
        answer = self.walk_in(email="bruna@")
        self.closed(answer)
        self.let_in(answer["code"], "out")
        self.mend()
        self.sync()
        return answer

    def lets_in_somebody_who_has_cancelled(self, person):
        """The list does not know it yet, and the server's answer comes when the door has gone on."""
        self.hold()
        cancel(person)
        answer = self.let_in(person.code)
        self.release()
        self.sync()
        return answer

    def sync(self):
        self.do("await book.flush(); await book.refresh(); await book.flush()")

    def queue(self):
        return self.do('return (await import("/static/js/door/store.js")).queue()')

    def another_tab(self):
        """The same phone, open a second time."""
        tab = Phone.__new__(Phone)
        tab.page = self.page.context.new_page()
        tab.page.goto(PAGE)
        expect(tab.page.locator("#door")).to_be_visible()  # what waits as it opens, it takes for gone on
        return tab

    @property
    def waiting(self):
        return self.do("return book.waiting")

    def listen(self):
        self.do('window.heard = []; book.addEventListener("answered", ({ detail }) => window.heard.push(detail))')

    def heard(self):
        self.page.wait_for_function("() => window.heard.length > 0")
        return self.page.evaluate("window.heard.at(-1)")

    def cut(self):
        self.page.context.route("**/api/**", lambda route: route.abort())

    def mend(self):
        self.page.context.unroute("**/api/**")

    def hold(self):
        """Requests with scans are held until `release`."""
        self.held = []
        self.page.route(SCANS, lambda route: self.held.append(route))

    def release(self):
        held, self.held = self.held, []
        for route in held:
            route.continue_()
        self.page.unroute(SCANS)


def facts(event):
    return list(event.scans.order_by("at", "pk").values_list("status", "reason", "is_forced"))


def cancel(person):
    Registration.objects.filter(pk=person.pk).update(
        state="cancelled", cancelled_at=timezone.now(), changed_at=timezone.now(), ticket_version=2
    )


def kept_at_all(phone):
    return phone.page.evaluate(
        """async () => {
            const store = await import("/static/js/door/store.js");
            return [await store.get("phone") ?? null, (await store.people("seminario-pisa")).length,
                (await store.queue()).length, await caches.has("door paired")];
        }"""
    )


def is_inside(person):
    person.refresh_from_db()
    return person.is_inside
