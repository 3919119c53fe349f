"""How the answers of the phone look: told five times over, accessible, nothing cut off on the smallest screen."""

import pytest
from playwright.sync_api import expect

from tests.browser.door import PAGE, begins_paper_list, check, goes_on, scans
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
    {"reason": "wrong_event", "event": {"slug": "a", "title": "Laboratorio di Lucca", "isMine": True}, "name": ""},
    {"status": "unread", "name": ""},
    *({"reason": "unknown", "kind": kind} for kind in ("forged", "foreign")),
    {"status": "review", "reason": "unknown", "isLocal": True},
]


@pytest.mark.parametrize("size", [(320, 640), (320, 480)])
def test_nothing_is_cut_off_on_the_smallest_phone(page, pair, event, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    long = make_registration(event, first_name="Maria Antonietta", last_name="Bartolomei-Castellani")
    pair(page)
    page.context.route("**/api/**", lambda route: route.abort())
    reachable = page.get_by_role("button", name="Iscrivi e fai entrare") if size[1] > 500 else None
    fits = "() => [document.scrollingElement, document.getElementById('door')].every((one) => one.scrollWidth <= 320)"
    check(page, long.code)
    goes_on(page)
    expect(page.locator("#last-undo")).to_be_in_viewport(ratio=1)
    for tab in ["Cerca", "Aggiungi", "Leggi"]:
        page.get_by_role("button", name=tab).click()
        assert page.evaluate(fits)
        if tab == "Aggiungi" and reachable:
            expect(reachable).to_be_in_viewport(ratio=1)
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


@pytest.mark.parametrize(("size", "letters"), [((320, 568), "100%"), ((390, 844), "200%"), ((844, 390), "100%")])
def test_what_was_answered_and_of_whom_is_read_without_scrolling(page, pair, event, size, letters):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    pair(page)
    page.evaluate("letters => { document.documentElement.style.fontSize = letters; }", letters)
    page.evaluate("async () => { window.answers = await import('/static/js/door/answer.js'); }")
    plain = {"group": None, "needsHelp": False}
    for over in [{"reason": "replaced"}, {"status": "repeated", "reason": "already_in", "door": "Porta A"}]:
        page.evaluate("answer => answers.show(answer)", ANSWER | plain | over)
        for part in ["title", "name", "next", "hint"]:
            is_whole = letters == "100%" or part != "hint"
            expect(page.locator(f"#answer-{part}")).to_be_in_viewport(ratio=1 if is_whole else 0.1)
        says, does = (page.locator(f"#answer-{part}").bounding_box() for part in ("name", "next"))
        assert says["y"] + says["height"] <= does["y"] or says["x"] + says["width"] <= does["x"]
        assert page.locator("#answer-next").evaluate("it => it.scrollHeight <= it.clientHeight")
    page.evaluate("answer => answers.show(answer)", ANSWER | plain | {"reason": "replaced"})
    page.get_by_role("button", name="Fai entrare lo stesso").click()
    expect(page.locator("#why-about")).to_be_in_viewport(ratio=1)
    page.locator("#why").scroll_into_view_if_needed()
    expect(page.locator("#why-about")).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("button", name="Indietro")).to_be_in_viewport(ratio=1)


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
    names = page.evaluate(
        "async (all) => { const { nextOf } = await import('/static/js/door/telling.js'); return all.map(nextOf); }",
        [ANSWER | over for over in LOOKS],
    )
    stops = {name for (look, *_), name in zip(told, names, strict=True) if look == "stop"}
    assert stops == {"Non entra · prossima persona"}
    assert {name for (look, *_), name in zip(told, names, strict=True) if look != "stop"} == {
        "Prossima persona",
        "Inquadra di nuovo",
    }
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
        expect(page.locator("#search-words")).to_be_focused()
        axe(page)
    page.locator("#search-words").fill("anna")
    page.get_by_role("button", name="Anna Verdi").click()
    expect(page.locator("#answer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#search-words")).to_be_focused()  # what was tapped is not there any more
    page.locator("[data-pane=scan]").click()
    scans(page, "ABCDEFGH")
    expect(page.locator("#answer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("[data-pane=scan]")).to_be_focused()


def test_desks_page_of_phones_is_accessible(page, log_in, axe, cast, event):
    log_in(page, cast.piero)
    page.goto("/gestione/eventi/seminario-pisa/telefoni/")
    page.get_by_label("Nome").fill("Ingresso")
    page.get_by_role("button", name="Crea un codice").click()
    expect(page.get_by_role("heading", name="Collega il telefono")).to_be_visible()
    axe(page)
