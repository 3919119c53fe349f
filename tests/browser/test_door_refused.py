"""What the server refuses a phone, and when: in the very moment, too late, for an event that is no longer its own."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import Event
from registrations.models import Correction, Registration
from tests.browser.conftest import eventually
from tests.browser.door import Phone, cancel, facts
from tests.make import make_registration, make_running_event

pytestmark = pytest.mark.django_db(transaction=True)

# The phone stops waiting for a newcomer exactly while the server's answer is being written down.
AT_THE_LAST_MOMENT = """() => {
    const later = window.setTimeout, never = window.clearTimeout;
    let end = null;
    window.setTimeout = (work, pause, ...more) => {
        if (!(pause > 2000 && pause <= 2500)) return later(work, pause, ...more);
        end = () => work(...more);
        return -1;
    };
    window.clearTimeout = (timer) => (timer === -1 ? (end = null) : never(timer));
    const { getAll } = IDBObjectStore.prototype;
    IDBObjectStore.prototype.getAll = function (...which) {
        if (this.name === "queue" && this.transaction.mode === "readwrite") end?.();
        return getAll.apply(this, which);
    };
}"""


def test_newcomer_refused_in_the_moment_in_which_the_phone_stops_waiting_is_told_to_who_waits(phone, event):
    phone.page.evaluate(AT_THE_LAST_MOMENT)
    answer = phone.walk_in(email="bruna@")
    assert (answer["status"], answer.get("isRefused"), answer["isLocal"]) == ("refused", True, False)
    assert phone.do("return [book.waiting, book.problems.length]") == [0, 0]


def test_scan_while_a_newcomer_is_waited_for_does_not_say_that_she_is_in(phone, event, anna):
    held = []
    phone.page.route("**/checkin/walk-ins", lambda route: held.append(route))
    phone.do("book.walkIn({ first_name: 'Bruna', last_name: 'Neri', consents: { privacy: true } }); return null")
    eventually(phone.page, lambda: phone.waiting, 1)
    phone.do("book.scan(it, 'in'); return null", anna.code)
    eventually(phone.page, lambda: len(phone.queue()), 2)
    assert [item.get("happened") for item in phone.queue()] == [None, None]
    held[0].abort()


def test_what_was_told_again_and_sent_is_taken_back(phone, event, anna):
    answer = phone.lets_in_somebody_who_has_cancelled(anna)
    assert facts(event) == [("refused", "cancelled", False), ("ok", "cancelled", True)]
    phone.do("await book.undo(it)", answer)
    phone.sync()
    again = event.scans.get(nonce=answer["nonce"] + "-f")
    assert again.corrections.get().kind == Correction.Kind.ANNULLED
    anna.refresh_from_db()
    assert not anna.is_inside
    assert phone.waiting == 0


def test_what_is_taken_back_before_the_server_refuses_it_is_not_told_again(phone, event, anna):
    phone.hold()
    cancel(anna)
    answer = phone.let_in(anna.code)
    phone.do("book.undo(it); return null", answer)
    eventually(phone.page, lambda: len(phone.queue()), 2)
    phone.release()
    phone.sync()
    assert facts(event) == [("refused", "cancelled", False)]
    assert phone.waiting == 0


def test_undo_that_comes_too_late_is_refused_and_stops_nothing(phone, event, anna):
    bruna = make_registration(event)
    phone.sync()
    answer = phone.scan(anna.code, at=(timezone.now() - timedelta(minutes=20)).isoformat())
    phone.sync()
    phone.cut()
    phone.do("book.undo(it); return null", answer)
    eventually(phone.page, lambda: len(phone.queue()), 1)
    phone.let_in(bruna.code)
    phone.mend()
    phone.sync()
    assert phone.waiting == 0
    assert not Correction.objects.exists()
    assert set(Registration.objects.filter(is_inside=True)) == {anna, bruna}
    assert phone.do("return book.people.get(it).is_inside", anna.code) is True


def withdraw(event, phone):
    phone.device.events.remove(event)


def rename(event, phone):
    Event.objects.filter(pk=event.pk).update(slug="altrove")


def restore(event, phone):
    Event.objects.filter(pk=event.pk).update(slug=event.slug)
    phone.device.events.add(event)


@pytest.mark.parametrize("goes", [withdraw, rename], ids=["403", "404"])
def test_scan_for_an_event_that_is_not_the_phones_any_more_waits_and_stops_none(page, event, anna, goes):
    other = make_running_event(slug="altro")
    bruna = make_registration(other)
    phone = Phone(page, event, other)
    phone.do("await book.choose('altro'); await book.refresh(); await book.choose('seminario-pisa')")
    phone.cut()
    phone.let_in(anna.code)
    phone.do("await book.choose('altro')")
    phone.let_in(bruna.code)
    goes(event, phone)
    phone.mend()
    phone.sync()
    assert (phone.waiting, event.scans.count(), other.scans.count()) == (1, 0, 1)
    phone.page.reload()
    assert phone.waiting == 1
    restore(event, phone)
    phone.page.reload()
    phone.sync()
    assert (phone.waiting, facts(event)) == (0, [("ok", "", False)])


def test_scan_does_not_wait_for_a_slow_second_copy(phone, event, anna):
    phone.cut()
    phone.page.evaluate("() => { Cache.prototype.put = () => new Promise(() => {}); }")
    answer = phone.do(
        "return Promise.race([book.scan(it, 'in'), new Promise((end) => setTimeout(end, 5000, null))])", anna.code
    )
    assert answer
    assert [item["body"]["nonce"] for item in phone.queue()] == [answer["nonce"]]


# ── Two tabs ────────────────────────────────────────────────────

ANOTHER_TAB_SENDS = "() => { navigator.locks.request = () => new Promise(() => {}); }"
PATIENT = """() => {
    const later = window.setTimeout;
    window.setTimeout = (work, pause, ...more) => later(work, pause > 2000 && pause <= 2500 ? 15_000 : pause, ...more);
}"""
TELLS_LATER = """() => {
    const { postMessage } = BroadcastChannel.prototype;
    window.held = [];
    BroadcastChannel.prototype.postMessage = function (message) {
        if (message.what === "told") window.held.push(() => postMessage.call(this, message));
        else postMessage.call(this, message);
    };
}"""


def test_newcomer_whom_another_tab_sends_is_refused_in_the_form_only(phone, event):
    tab = phone.another_tab()
    phone.page.evaluate(ANOTHER_TAB_SENDS)
    phone.page.evaluate(PATIENT)
    phone.page.evaluate(
        """async () => {
            const { book } = await import("/static/js/door/door.js");
            const person = { first_name: "Bruna", last_name: "Neri", email: "bruna@", consents: { privacy: true } };
            window.coming = book.walkIn(person);
            window.coming.then((answer) => (window.came = answer));
            return null;
        }"""
    )
    eventually(phone.page, lambda: len(phone.queue()), 1)
    tab.do("await book.flush()")
    eventually(phone.page, lambda: phone.page.evaluate("window.came?.isRefused"))
    eventually(phone.page, lambda: tab.do("return book.problems.length"), 0)
    assert phone.do("return book.problems.length") == 0


def test_scan_that_another_tab_sent_and_that_was_refused_as_the_door_went_on_is_told_again(phone, event, anna):
    tab = phone.another_tab()
    tab.page.evaluate(TELLS_LATER)
    phone.page.evaluate(ANOTHER_TAB_SENDS)
    cancel(anna)
    answer = phone.scan(anna.code)
    tab.do("await book.flush()")
    assert facts(event) == [("refused", "cancelled", False)]
    phone.closed(answer)
    tab.page.evaluate("window.held.forEach((tell) => tell())")
    eventually(phone.page, lambda: [one["body"]["nonce"] for one in phone.queue()], [answer["nonce"] + "-f"])
    tab.sync()
    assert facts(event) == [("refused", "cancelled", False), ("ok", "cancelled", True)]
