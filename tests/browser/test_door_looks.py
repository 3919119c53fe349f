"""How the answers of the phone look: told five times over, accessible, nothing cut off on the smallest screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.door import PAGE, begins_paper_list, check, goes_on
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)
ANSWER = {
    "nonce": "n", "status": "refused", "direction": "in", "name": "Maria Antonietta Bartolomei-Castellani", "group": 12,
    "organisation": "Confederazione delle imprese artigiane", "needsHelp": True, "text": "x", "left": 3,
}  # fmt: skip
REFUSALS = [
    "wrong_event", "online_only", "waiting", "unconfirmed", "cancelled", "replaced", "unknown", "closed", "full",
    "not_in", "invalid",
]  # fmt: skip
LOOKS = [
    {"status": "ok"},
    {"status": "ok", "direction": "out"},
    {"status": "ok", "toCheck": True},
    {"status": "repeated", "reason": "already_in", "since": "2024-05-14T07:12:00Z", "door": "Ingresso"},
    *({"reason": reason} for reason in REFUSALS),
    *({"reason": "unknown", "kind": kind} for kind in ("forged", "foreign")),
    {"status": "review", "reason": "unknown", "isLocal": True},
]


@pytest.mark.parametrize("size", [(320, 640), (320, 480)])
def test_nothing_is_cut_off_on_the_smallest_phone(page, pair, event, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    long = make_registration(event, first_name="Maria Antonietta", last_name="Bartolomei-Castellani")
    pair(page)
    page.context.route("**/api/**", lambda route: route.abort())
    fits = "() => [document.scrollingElement, document.getElementById('door')].every((one) => one.scrollWidth <= 320)"
    check(page, long.code)
    goes_on(page)
    expect(page.locator("#last-undo")).to_be_in_viewport(ratio=1)
    for tab in ["Cerca", "Aggiungi", "Leggi"]:
        page.get_by_role("button", name=tab).click()
        assert page.evaluate(fits)
    begins_paper_list(page)
    page.get_by_role("button", name="Comincia").click()
    assert page.evaluate(fits)
    expect(page.locator("#paper-end")).to_be_in_viewport(ratio=1)
    expect(page.locator("#paper-time")).to_be_in_viewport(ratio=1)


def test_every_look_is_accessible_and_fits(page, pair, axe, event):
    pair(page)
    page.evaluate("async () => { window.answers = await import('/static/js/door/answer.js'); }")
    for width, height in [(320, 640), (390, 844), (844, 390)]:
        page.set_viewport_size({"width": width, "height": height})
        for over in LOOKS:
            page.evaluate("answer => answers.show(answer)", ANSWER | over)
            expect(page.locator("#answer-next")).to_be_in_viewport()
            assert page.evaluate("document.getElementById('answer').scrollWidth <= innerWidth")
            if width == 390:
                axe(page)
    expect(page.locator("#answer-sign")).to_have_attribute("href", "#sign-ask")


def test_signs_sounds_and_shakes_of_the_looks_differ(page, programme):
    page.goto(PAGE)
    told = page.evaluate(
        """async (answers) => {
            const { lookOf, signOf, titleOf } = await import("/static/js/door/telling.js");
            return answers.map((one) => [lookOf(one), signOf(one), titleOf(one, null)]);
        }""",
        [ANSWER | over for over in LOOKS],
    )
    assert {look for look, _sign, _title in told} == {"in", "out", "check", "again", "stop", "ask"}
    assert all(page.locator(f"#sign-{sign}").count() == 1 for _look, sign, _title in told)
    assert all(title for _look, _sign, title in told)
    assert len({title for _look, _sign, title in told}) == len(told)
    shakes = "async () => Object.values((await import('/static/js/door/signals.js')).SHAKES).map(String)"
    patterns = page.evaluate(shakes)
    assert len(set(patterns)) == len(patterns)


def test_every_screen_is_accessible(page, pair, axe, event, anna):
    page.goto(PAGE)
    expect(page.get_by_label("Codice di collegamento")).to_be_visible()
    axe(page)
    pair(page)
    axe(page)
    page.get_by_role("button", name="Aggiungi").click()
    axe(page)
    page.get_by_role("button", name="Menu").click()
    axe(page)
    page.get_by_role("button", name="Chiudi").click()
    for code in [anna.code, anna.code, "ABCDEFGH"]:
        check(page, code)
        axe(page)
        page.keyboard.press("Escape")
        expect(page.locator("#answer")).to_be_hidden()
    axe(page)


def test_desks_page_of_phones_is_accessible(page, log_in, axe, cast, event):
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/seminario-pisa/telefoni/")
    page.get_by_label("Nome").fill("Ingresso")
    page.get_by_role("button", name="Crea un codice").click()
    expect(page.get_by_role("heading", name="Collega il telefono")).to_be_visible()
    axe(page)
