"""The phone's book: what it decides alone, how it keeps and sends what happened, what it forgets and when."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from registrations.models import Registration, Scan
from registrations.services import devices, roster, tickets
from registrations.views import door
from tests.browser.conftest import eventually
from tests.make import make_device, make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/gestione/checkin/"
SCANS = re.compile(r"/checkin/scans$")
CASES = json.loads((Path(__file__).parents[1] / "registrations" / "door_cases.json").read_text(encoding="utf-8"))

DECIDE = """async (cases) => {
    const { decide } = await import("/static/js/door/decide.js");
    const hour = (hours) => new Date(Date.UTC(2024, 4, 14, 9) + hours * 3600e3);
    const event = { id: 1, opens_at: hour(-24), closes_at: hour(16) };
    const removed = { expired: "cancelled", refused: "cancelled" };  // the roster tells all of them as removed
    return cases.map(({ read = "ticket", past = [], state = "confirmed", mode = "in_person", ...one }) => {
        const isTicket = ["ticket", "old", "other", "forged", "newer", "newcomer"].includes(read);
        const listed = one.listed ?? state;
        const person = {
            state: removed[listed] ?? listed, mode, ticket_version: read === "old" ? 2 : 1,
            is_inside: past.at(-1) === "in", entered_at: past.length ? hour(0) : null,
        };
        const { status, reason, toCheck } = decide({
            event, code: read === "nonsense" ? undefined : "ABCDEFGH",
            ticket: isTicket ? { event: read === "other" ? 2 : 1, version: read === "newer" ? 2 : 1 } : undefined,
            genuine: "genuine" in one ? one.genuine : isTicket ? read !== "forged" : null,
            person: ["stranger", "other", "newcomer"].includes(read) ? undefined : person,
            direction: one.direction ?? "in", at: hour(one.hours ?? 1), force: one.force ?? false,
            admit: one.admit ?? false, left: one.left ?? null,
        });
        return [[status, reason], toCheck];
    });
}"""

# What "at once" is depends on the machine.
PATIENT = """() => {
    const later = window.setTimeout;
    window.setTimeout = (work, pause, ...more) => later(work, pause === 120 ? 15_000 : pause, ...more);
}"""

# Time between two attempts passes faster, and is kept.
IMPATIENT = """() => {
    const later = window.setTimeout;
    window.pauses = [];
    window.setTimeout = (work, pause, ...more) => {
        if (String(work).includes("flush")) pause = window.pauses.push(pause);
        return later(work, pause, ...more);
    };
}"""

WRONG_CLOCK = """
    window.ahead = Number(sessionStorage.ahead ?? %d);
    const real = Date.now.bind(Date), Right = Date;
    Date = class extends Right {
        constructor(...when) { when.length ? super(...when) : super(real() + window.ahead); }
        static now() { return real() + window.ahead; }
    };
"""


class Phone:
    """A page at this event's door. What is done to its `book` is written in the page's own language."""

    def __init__(self, page, *events, name="Porta A"):
        self.page = page
        self.device, token = make_device(*events, name=name)
        page.goto(PAGE)
        known = [{"slug": one.slug, "title": str(one.title), "closes_at": one.ends_at.isoformat()} for one in events]
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

    def sync(self):
        self.do("await book.flush(); await book.refresh(); await book.flush()")

    def queue(self):
        return self.do('return (await import("/static/js/door/store.js")).queue()')

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


@pytest.fixture
def event(programme, pisa):
    return make_running_event(slug="seminario-pisa", territory=pisa)


@pytest.fixture
def anna(event):
    return make_registration(event, first_name="Anna", last_name="Verdi", organisation="Officine Verdi")


@pytest.fixture
def phone(page, event, anna):
    return Phone(page, event)


def facts(event):
    return list(event.scans.order_by("at", "pk").values_list("status", "reason", "is_forced"))


def cancel(person):
    Registration.objects.filter(pk=person.pk).update(
        state="cancelled", cancelled_at=timezone.now(), changed_at=timezone.now(), ticket_version=2
    )


# ── One table, and answers at once ──────────────────────────────


def test_phone_decides_as_the_server_does(page, programme):
    page.goto(PAGE)
    decided = page.evaluate(DECIDE, CASES)
    assert [[one["case"], *answer] for one, answer in zip(CASES, decided, strict=True)] == [
        [one["case"], one.get("offline", one["expected"]), one.get("to_check", False)] for one in CASES
    ]


def test_answer_does_not_wait_for_a_slow_server_and_is_written_down_before(phone, event, anna):
    phone.listen()
    phone.hold()
    told = phone.do(
        """const began = performance.now(), answer = await book.scan(it, "in"), took = performance.now() - began;
        const { queue } = await import("/static/js/door/store.js");
        return { answer, took, nonces: (await queue()).map((item) => item.body.nonce) }""",
        anna.code,
    )
    answer = told["answer"]
    assert told["took"] < 2000  # as long as the line is held, it would be for ever
    assert told["nonces"] == [answer["nonce"]]
    assert (answer["status"], answer["isLocal"], answer["name"]) == ("ok", True, "Anna Verdi")
    assert answer["organisation"] == "Officine Verdi"
    assert not Scan.objects.exists()
    phone.release()
    heard = phone.heard()
    assert (heard["nonce"], heard["status"], heard["isLocal"]) == (answer["nonce"], "ok", False)
    assert facts(event) == [("ok", "", False)]


def test_server_that_answers_at_once_is_heard_first(phone, event, anna):
    cancel(anna)
    phone.page.evaluate(PATIENT)
    heard = phone.scan(anna.code)
    assert (heard["status"], heard["reason"], heard["isLocal"]) == ("refused", "cancelled", False)


def test_correction_is_shown_while_the_answer_stands_and_nothing_is_forced(phone, event, anna):
    phone.listen()
    phone.hold()
    cancel(anna)
    assert phone.scan(anna.code)["status"] == "ok"
    phone.release()
    heard = phone.heard()
    assert (heard["status"], heard["reason"], heard["isLocal"]) == ("refused", "cancelled", False)
    phone.closed(heard)
    phone.sync()
    assert facts(event) == [("refused", "cancelled", False)]
    assert phone.do("return book.people.get(it).is_inside", anna.code) is False


def test_who_went_in_while_it_was_on_its_way_is_told_again_as_having_happened(phone, event, anna):
    phone.hold()
    cancel(anna)
    answer = phone.let_in(anna.code)
    phone.release()
    phone.sync()
    kept = event.scans.order_by("pk").values_list("nonce", "status", "is_forced")
    assert list(kept) == [(answer["nonce"], "refused", False), (answer["nonce"] + "-f", "ok", True)]
    assert phone.waiting == 0


def test_who_went_in_without_network_is_in_whatever_was_decided_meanwhile(phone, event, anna):
    phone.cut()
    phone.let_in(anna.code)
    cancel(anna)
    phone.mend()
    phone.sync()
    assert facts(event) == [("ok", "cancelled", True)]


def test_next_scan_says_that_the_one_before_has_happened(phone, event, anna):
    phone.cut()
    phone.scan(anna.code)
    phone.scan("ABCDEFGH")
    assert [item.get("happened") for item in phone.queue()] == [True, None]


def test_what_was_let_in_before_the_page_was_closed_has_happened(phone, event, anna):
    phone.cut()
    phone.scan(anna.code)
    phone.page.reload()
    assert [item["happened"] for item in phone.queue()] == [True]
    again = phone.scan(anna.code)
    assert (again["status"], again["reason"], again["door"]) == ("repeated", "already_in", "Porta A")


def test_same_person_within_three_seconds_is_one_scan(phone, event, anna):
    first, second = phone.do(
        "return [await book.scan(it[0], 'in'), await book.scan(it[1], 'in')]", [tickets.ticket_url(anna), anna.code]
    )
    assert first["nonce"] == second["nonce"]
    assert phone.scan(anna.code, "out")["nonce"] != first["nonce"]
    phone.sync()
    assert event.scans.count() == 2


def test_ticket_newer_than_the_list_comes_in_to_be_checked(phone, event):
    bruna = make_registration(event, first_name="Bruna")
    phone.cut()
    answer = phone.let_in(tickets.ticket_url(bruna))
    assert (answer["status"], answer["toCheck"], answer["isLocal"]) == ("ok", True, True)
    forged = f"{tickets.ticket_of(bruna)[:-5]}AAAA{tickets.ticket_of(bruna)[-1]}"
    assert phone.do("return (await book.scan(it, 'out')).reason", forged) == "unknown"
    phone.mend()
    phone.sync()
    bruna.refresh_from_db()
    assert bruna.is_inside
    assert phone.do("return [...book.people.values()].map((one) => [one.code, one.is_inside])") == [
        [one.code, one.is_inside] for one in event.registrations.order_by("pk")
    ]


def test_ticket_of_another_event_says_which(page, event, anna):
    other = make_running_event(slug="altro", title={"it": "Un altro incontro", "en": "Another"})
    stranger = make_registration(other)
    phone = Phone(page, event, other)
    phone.do("await book.choose('altro'); await book.refresh(); await book.choose('seminario-pisa')")
    phone.cut()
    for code in (tickets.ticket_url(stranger), stranger.code):
        answer = phone.do("return book.scan(it, 'in', { force: false, at: new Date() })", code)
        assert (answer["reason"], answer["event"]["title"]) == ("wrong_event", "Un altro incontro")


# ── The clock ───────────────────────────────────────────────────


@pytest.mark.parametrize("hours", [-2, 2])
def test_clock_that_is_two_hours_wrong_is_put_right(page, event, anna, hours):
    page.add_init_script(WRONG_CLOCK % (hours * 3_600_000))
    phone = Phone(page, event)
    phone.cut()
    phone.let_in(anna.code)
    phone.mend()
    phone.sync()
    scan = event.scans.get()
    assert abs(scan.at - timezone.now()) < timedelta(seconds=60)
    assert abs(scan.clock_offset + hours * 3_600_000) < 5000
    assert abs(scan.device_at - timezone.now() - timedelta(hours=hours)) < timedelta(seconds=60)


def test_clock_changed_before_sending_leaves_what_was_written_before(page, event, anna):
    page.add_init_script(WRONG_CLOCK % 0)
    phone = Phone(page, event)
    bruna = make_registration(event)
    phone.sync()
    phone.cut()
    phone.let_in(anna.code)
    phone.page.evaluate("window.ahead = sessionStorage.ahead = 7_200_000")
    phone.let_in(bruna.code)
    phone.mend()
    phone.sync()
    offsets = list(event.scans.order_by("pk").values_list("clock_offset", flat=True))
    assert [round(offset / 3_600_000) for offset in offsets] == [0, -2]
    assert all(abs(scan.at - timezone.now()) < timedelta(seconds=60) for scan in event.scans.all())


# ── The queue ───────────────────────────────────────────────────


def test_two_tabs_send_everything_once(phone, event, anna):
    other = phone.page.context.new_page()
    other.goto(PAGE)
    tab = Phone.__new__(Phone)
    tab.page = other
    sent = []
    phone.cut()
    people = [make_registration(event) for _ in range(6)]
    for number, person in enumerate(people):
        [phone, tab][number % 2].let_in(tickets.ticket_url(person))
    assert (phone.waiting, tab.waiting) == (6, 6)
    assert phone.do("return book.people.get(it).is_inside", people[1].code) is True
    phone.page.context.on(
        "request", lambda one: sent.extend(json.loads(one.post_data)["scans"] if SCANS.search(one.url) else [])
    )
    phone.mend()
    for page in (phone.page, other):
        page.evaluate('dispatchEvent(new Event("online"))')
    other.wait_for_function("() => document.querySelector('#waiting').hidden")
    phone.page.wait_for_function("() => document.querySelector('#waiting').hidden")
    assert sorted(one["nonce"] for one in sent) == sorted(event.scans.values_list("nonce", flat=True))
    assert len(sent) == 6


def test_server_in_trouble_is_asked_again_with_the_same_nonce(phone, event, anna):
    answers = iter([503, 429, 500])
    nonces = []

    def trouble(route):
        nonces.extend(one["nonce"] for one in json.loads(route.request.post_data)["scans"])
        status = next(answers, None)
        route.fulfill(status=status, json={"code": "trouble"}) if status else route.continue_()

    phone.page.route(SCANS, trouble)
    phone.page.evaluate(IMPATIENT)
    answer = phone.let_in(anna.code)
    eventually(phone.page, event.scans.count, 1)
    assert nonces == [answer["nonce"]] * 4
    pauses = phone.page.evaluate("window.pauses")
    assert all(base * 750 <= pause <= base * 1250 for base, pause in zip([1, 2, 4], pauses, strict=True))
    assert event.scans.get().nonce == answer["nonce"]


def test_one_scan_that_cannot_be_read_stops_none(phone, event, anna):
    phone.cut()
    phone.do(
        """const { append } = await import("/static/js/door/store.js");
        await append({ kind: "scan", event: "seminario-pisa", moment: { at: "never", offset: 0 },
            body: { nonce: "broken", code: "X", direction: "sideways" } })"""
    )
    phone.let_in(anna.code)
    phone.mend()
    phone.sync()
    assert phone.waiting == 0
    assert set(event.scans.values_list("status", "reason")) == {("review", "invalid"), ("ok", "")}


def test_batch_that_is_refused_as_a_whole_is_sent_in_parts(phone, event, anna):
    def refuse_many(route):
        if len(json.loads(route.request.post_data)["scans"]) > 1:
            return route.fulfill(status=413, json={"code": "too_large", "message": "Troppo."})
        return route.continue_()

    phone.cut()
    for code in (anna.code, "ABCDEFGH", "BCDEFGHJ"):
        phone.let_in(code)
    phone.mend()
    phone.page.route(SCANS, refuse_many)
    phone.sync()
    assert (phone.waiting, event.scans.count()) == (0, 3)


def test_server_hears_how_much_is_still_to_send(phone, event, anna):
    phone.page.route(SCANS, lambda route: route.abort())
    phone.let_in(anna.code)
    phone.do("await book.refresh()")
    phone.device.refresh_from_db()
    assert phone.device.unsent == 1
    phone.page.unroute(SCANS)
    phone.sync()
    phone.device.refresh_from_db()
    assert phone.device.unsent == 0


FULL = """() => { IDBObjectStore.prototype.add = () => { throw new DOMException("", "QuotaExceededError"); }; }"""


def test_phone_without_room_says_so_and_sends_all_the_same(phone, event, anna):
    phone.cut()
    phone.page.evaluate(FULL)
    answer = phone.let_in(anna.code)
    assert (answer["status"], answer["isUnkept"]) == ("ok", True)
    eventually(phone.page, lambda: phone.do("return [book.storage, book.waiting]"), ["full", 1])
    phone.mend()
    phone.sync()
    assert facts(event) == [("ok", "", False)]
    assert phone.waiting == 0


def test_browser_that_keeps_nothing_for_sure_is_told(phone):
    phone.page.add_init_script("StorageManager.prototype.persist = StorageManager.prototype.persisted = async () => it")
    for it, told in (("false", "unsafe"), ("true", "ok")):
        phone.page.add_init_script(f"window.it = {it}")
        phone.page.reload()
        phone.do("await book.lookAround()")
        assert phone.do("return book.storage") == told


# ── Who is not registered ───────────────────────────────────────


def test_walk_in_without_network_is_found_again_and_leaves(phone, event):
    phone.cut()
    answer = phone.walk_in(organisation="Neri & figlie")
    phone.closed(answer)
    assert (answer["status"], answer["toCheck"], answer["name"]) == ("ok", True, "Bruna Neri")
    entry = phone.do("return book.people.get(it)", answer["code"])
    assert (entry["name"], entry["is_inside"]) == ("Bruna Neri", True)
    assert phone.let_in(answer["code"], "out")["status"] == "ok"
    phone.page.reload()
    assert phone.do("return book.people.get(it).is_inside", answer["code"]) is False
    phone.mend()
    phone.sync()
    bruna = event.registrations.get(last_name="Neri")
    assert list(bruna.scans.order_by("at").values_list("direction", "status")) == [("in", "ok"), ("out", "ok")]
    assert not bruna.is_inside
    names = phone.do(
        "return [...book.people.values()].filter((one) => one.name === 'Bruna Neri').map((one) => one.code)"
    )
    assert names == [bruna.code]


def test_walk_in_where_no_place_is_left_needs_a_reason(page, event):
    event.in_person_capacity = event.in_person_taken = 3
    event.save()
    phone = Phone(page, event)
    phone.cut()
    answer = phone.walk_in()
    assert (answer["status"], answer["reason"]) == ("refused", "full")
    assert phone.waiting == 0
    phone.closed(phone.walk_in(force=True, reason="È la relatrice"))
    phone.mend()
    phone.sync()
    bruna = event.registrations.get()
    assert (bruna.is_inside, bruna.is_extra, bruna.extra_because) == (True, True, "È la relatrice")


def test_walk_in_from_an_old_list_is_never_refused_for_places(phone, event):
    phone.cut()
    phone.closed(phone.walk_in())
    event.refresh_from_db()
    event.in_person_capacity = event.in_person_taken
    event.save()
    phone.mend()
    phone.sync()
    assert event.registrations.get(last_name="Neri").is_inside


def test_walk_in_that_the_server_cannot_take_is_put_right_and_sent_again(phone, event):
    phone.cut()
    answer = phone.walk_in(email="bruna@")
    phone.closed(answer)
    phone.let_in(answer["code"], "out")
    phone.mend()
    phone.sync()
    (problem,) = phone.do("return book.problems")
    assert (problem["nonce"], problem["name"], problem["typed"]["email"]) == (answer["nonce"], "Bruna Neri", "bruna@")
    assert problem["message"]
    assert not event.registrations.filter(last_name="Neri").exists()
    phone.page.reload()
    phone.do("await book.retry(it, { email: 'bruna.neri@example.org' })", answer["nonce"])
    phone.sync()
    assert phone.do("return [book.problems.length, book.waiting]") == [0, 0]
    bruna = event.registrations.get(email="bruna.neri@example.org")
    assert set(bruna.scans.values_list("direction", "status")) == {("in", "ok"), ("out", "ok")}


def test_problem_that_is_seen_to_elsewhere_is_put_away(phone, event):
    phone.cut()
    answer = phone.walk_in(email="bruna@")
    phone.closed(answer)
    phone.let_in(answer["code"], "out")
    phone.mend()
    phone.sync()
    phone.do("await book.solve(it)", answer["nonce"])
    phone.sync()
    assert phone.do("return [book.problems.length, book.waiting]") == [0, 0]
    assert event.scans.get().reason == "unknown"  # that somebody left is kept all the same


def test_undo_without_network_is_undone_later(phone, event, anna):
    phone.cut()
    answer = phone.scan(anna.code)
    phone.do("await book.undo(it)", answer)
    assert phone.do("return book.people.get(it).is_inside", anna.code) is False
    phone.mend()
    phone.sync()
    assert event.scans.get().corrections.get().kind == "annulled"
    anna.refresh_from_db()
    assert not anna.is_inside


# ── What is forgotten, and when ─────────────────────────────────


def kept_at_all(phone):
    return phone.page.evaluate(
        """async () => {
            const store = await import("/static/js/door/store.js");
            return [await store.get("phone") ?? null, (await store.people("seminario-pisa")).length,
                (await store.queue()).length, await caches.has("door paired")];
        }"""
    )


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


def test_database_that_the_browser_lost_is_made_up_for_by_the_copies(phone, event, anna):
    bruna = make_registration(event)
    phone.let_in(anna.code)
    phone.sync()
    phone.cut()
    phone.let_in(bruna.code)
    phone.page.evaluate(LOSE_DATABASE)
    phone.page.reload()
    assert phone.waiting == 1
    phone.mend()
    phone.sync()
    assert (phone.waiting, event.scans.count()) == (0, 2)
    bruna.refresh_from_db()
    assert bruna.is_inside


def test_revoked_phone_sends_once_more_and_forgets_everything(phone, event, anna):
    phone.do('window.gone = []; book.addEventListener("gone", ({ detail }) => window.gone.push(detail))')
    phone.cut()
    phone.let_in(anna.code)
    phone.let_in("ABCDEFGH")
    phone.do("await book.walkIn({ first_name: 'Bruna', last_name: 'Neri', consents: { privacy: true } })")
    devices.revoke(device=phone.device)
    phone.mend()
    phone.do("await book.refresh()")
    assert phone.page.evaluate("window.gone") == ["revoked.sent"]
    assert set(event.scans.values_list("status", "reason")) == {("review", "revoked")}
    assert set(event.scans.values_list("code", "note")) == {("", ""), ("ABCDEFGH", ""), ("", "Bruna Neri")}
    assert kept_at_all(phone) == [None, 0, 0, False]


def test_portal_of_a_hotel_that_says_401_makes_nobody_forget(phone, event, anna):
    phone.page.route("**/api/**", lambda route: route.fulfill(status=401, json={"code": "login"}))
    phone.let_in(anna.code)
    phone.sync()
    assert phone.waiting == 1
    phone.page.unroute("**/api/**")
    phone.sync()
    assert facts(event) == [("ok", "", False)]


def test_event_that_is_over_is_forgotten_once_everything_is_sent(phone, event, anna):
    phone.page.route(SCANS, lambda route: route.abort())
    phone.let_in(anna.code)
    event.starts_at, event.ends_at = timezone.now() - timedelta(days=2), timezone.now() - timedelta(days=1)
    event.save()
    phone.do("await book.lookAround()")
    assert phone.waiting == 1
    phone.page.unroute(SCANS)
    phone.do("await book.lookAround()")
    assert kept_at_all(phone) == [None, 0, 0, False]
    assert event.scans.count() == 1


# ── The roster and the page ─────────────────────────────────────


def test_first_sync_goes_on_where_it_was_interrupted(phone, event, monkeypatch):
    monkeypatch.setitem(roster.changes.__kwdefaults__, "page", 2)
    for _ in range(6):
        make_registration(event)
    asked = []

    def interrupt(route):
        asked.append(route.request.url)
        route.abort() if len(asked) == 3 else route.continue_()

    phone.do("const store = await import('/static/js/door/store.js'); await store.wipe(['people'])")
    phone.do("book.roster.cursor = ''; book.people.clear()")
    phone.page.route("**/checkin/roster*", interrupt)
    phone.do("await book.refresh()")
    assert phone.do("return book.people.size") == 4
    phone.page.reload()
    phone.sync()
    assert phone.do("return book.people.size") == 7
    since = [re.search(r"since=([^&]*)", url)[1] for url in asked]
    assert since[0] == ""
    assert since[2] == since[3]


def test_list_that_comes_before_the_scans_are_sent_knows_less_than_the_phone(phone, event, anna):
    phone.page.route(SCANS, lambda route: route.abort())
    phone.let_in(anna.code)
    Registration.objects.filter(pk=anna.pk).update(changed_at=timezone.now(), organisation="Altra")
    phone.do("await book.refresh()")
    entry = phone.do("return book.people.get(it)", anna.code)
    assert (entry["organisation"], entry["is_inside"]) == ("Altra", True)


def test_new_version_of_the_page_takes_over_when_it_is_opened_anew(phone, monkeypatch):
    page = phone.page
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("async () => navigator.serviceWorker.controller !== null")
    monkeypatch.setattr(door, "_version", lambda: "a-newer-one")
    page.reload()
    page.wait_for_function("async () => Boolean((await navigator.serviceWorker.getRegistration()).waiting)")
    assert phone.do("return book.phone.name") == "Porta A"
    page.reload()
    page.wait_for_function(
        "async () => { const kept = (await caches.keys()).filter((name) => name.startsWith('door /'));"
        " return kept.length === 1 && kept[0].endsWith('a-newer-one') }"
    )
    assert phone.do("return book.phone.name") == "Porta A"
