"""What the phone decides alone, what the server says better, and by whose clock."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Scan
from registrations.services import tickets
from tests.browser.door import PAGE, STAYS, WRONG_CLOCK, Phone, cancel, facts, goes_on, scans
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)
CASES = json.loads((Path(__file__).parents[1] / "registrations" / "door_cases.json").read_text(encoding="utf-8"))
DECIDE = """async (cases) => {
    const { decide } = await import("/static/js/door/decide.js");
    const hour = (hours) => new Date(Date.UTC(2024, 4, 14, 9) + hours * 3600e3);
    const event = { id: 1, opens_at: hour(-24), closes_at: hour(16) };
    const nights = { ...event, closes_at: hour(64), mornings: [hour(20), hour(44)] };
    const removed = { expired: "cancelled", refused: "cancelled" };  // the roster tells all of them as removed
    return cases.map(({ read = "ticket", past = [], state = "confirmed", mode = "in_person", ...one }) => {
        const isTicket = ["ticket", "old", "other", "forged", "newer", "newcomer"].includes(read);
        const listed = one.listed ?? state;
        const person = {
            state: removed[listed] ?? listed, mode, ticket_version: read === "old" ? 2 : 1,
            is_inside: past.at(-1) === "in", entered_at: past.length ? hour(0) : null,
            since: past.at(-1) === "in" ? hour((one.hours ?? 1) - (one.ago ?? 0.5)) : null,
        };
        const { status, reason, toCheck } = decide({
            event: one.nights ? nights : event, code: read === "nonsense" ? undefined : "ABCDEFGH",
            ticket: isTicket ? { event: read === "other" ? 2 : 1, version: read === "newer" ? 2 : 1 } : undefined,
            genuine: "genuine" in one ? one.genuine : isTicket ? read !== "forged" : null,
            person: ["stranger", "other", "newcomer"].includes(read) ? undefined : person,
            direction: one.direction ?? "in", at: hour(one.hours ?? 1), force: one.force ?? false,
            admit: one.admit ?? false, left: one.left ?? null,
        });
        return [[status, reason], toCheck];
    });
}"""


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
    heard = phone.do('return book.scan(it, "in", { seenAt: performance.now() + 15_000 })', anna.code)  # a busy server
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
    answer = phone.lets_in_somebody_who_has_cancelled(anna)
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


def test_ticket_of_the_other_door_of_this_phone_leads_there(page, event, anna):
    other = make_running_event(slug="altro", title="Un altro incontro")
    stranger = make_registration(other, first_name="Bruna", last_name="Neri")
    phone = Phone(page, event, other)
    phone.do("await book.refresh()")  # nobody of the other event is known here yet
    page.add_init_script(STAYS)
    page.reload()
    expect(page.locator("#event-title")).to_have_text("Seminario di prova")
    phone.cut()
    scans(page, tickets.ticket_url(stranger))
    expect(page.locator("#answer")).to_have_attribute("data-look", "ask")
    expect(page.locator("#answer-title")).to_have_text("Vale per un’altra porta")
    expect(page.locator("#answer-name")).to_have_text("Un altro incontro")
    expect(page.locator("#answer-actions button")).to_have_text(["Passa a questo evento e fai entrare"])
    page.locator("[data-action=switch]").click()
    expect(page.locator("#answer-title")).to_have_text("Dentro, da verificare")
    expect(page.locator("#event-title")).to_have_text("Un altro incontro")
    goes_on(page)
    page.get_by_role("button", name="Menu", exact=True).click()
    doors = page.get_by_role("group", name="Porta di").get_by_role("button")
    expect(doors).to_have_text(["Seminario di prova", "Un altro incontro"])
    phone.mend()
    phone.sync()
    assert facts(other) == [("ok", "", False)]
    assert facts(event) == [("refused", "wrong_event", False)]


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
