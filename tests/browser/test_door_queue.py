"""What the phone has still to send: kept, and sent once, whatever happens on the way; newcomers without network."""

import json

import pytest

from registrations.services import tickets
from tests.browser.conftest import eventually
from tests.browser.door import SCANS, Phone
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)
# Time between two attempts passes faster, and is kept.
IMPATIENT = """() => {
    const later = window.setTimeout;
    window.pauses = [];
    window.setTimeout = (work, pause, ...more) => {
        if (String(work).includes("flush")) pause = window.pauses.push(pause);
        return later(work, pause, ...more);
    };
}"""


def test_two_tabs_send_everything_once(phone, event, anna):
    tab = phone.another_tab()
    other = tab.page
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
    answer = phone.brings_a_walk_in_that_is_refused()
    (problem,) = phone.do("return book.problems")
    assert (problem["nonce"], problem["name"], problem["typed"]["email"]) == (answer["nonce"], "Bruna Neri", "bruna@")
    assert problem["message"]
    assert not event.registrations.filter(last_name="Neri").exists()
    phone.page.reload()
    phone.do("await book.retry(it, { email: 'neri@' })", answer["nonce"])
    phone.sync()
    assert phone.do("return book.problems.map(({ typed }) => typed.email)") == ["neri@"]
    phone.do("await book.retry(it, { email: 'bruna.neri@example.org' })", answer["nonce"])
    phone.sync()
    assert phone.do("return [book.problems.length, book.waiting]") == [0, 0]
    bruna = event.registrations.get(email="bruna.neri@example.org")
    assert set(bruna.scans.values_list("direction", "status")) == {("in", "ok"), ("out", "ok")}


def test_problem_that_is_seen_to_elsewhere_is_put_away(phone, event):
    answer = phone.brings_a_walk_in_that_is_refused()
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
