"""A phone whose storage is full, when the page is opened and while people come in: what still works, what is said."""

import pytest
from playwright.sync_api import expect

from registrations.services import devices
from tests.browser.conftest import eventually
from tests.browser.door import PAGE, check, facts
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)

# Nothing can be written any more; what is there can be read.
FULL = """{
    const refuse = () => { throw new DOMException("", "QuotaExceededError"); };
    for (const name of ["add", "put"]) IDBObjectStore.prototype[name] = refuse;
    IDBCursor.prototype.update = Cache.prototype.put = refuse;
}"""

# Not even that: the disk itself is full.
STUCK = """{
    const refuse = () => { throw new DOMException("", "QuotaExceededError"); };
    for (const name of ["delete", "clear"]) IDBObjectStore.prototype[name] = refuse;
}"""
NOT_OPENED = """IDBFactory.prototype.open = function () {
    const request = {};
    queueMicrotask(() => {
        request.error = new DOMException("Encountered full disk while opening backing store.", "UnknownError");
        request.onerror();
    });
    return request;
}"""


def test_phone_without_room_says_so_and_sends_all_the_same(phone, event, anna):
    phone.cut()
    phone.page.evaluate(f"() => {{ {FULL} }}")
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


def test_phone_that_is_full_when_the_page_opens_is_a_door_and_says_what_to_do(phone, event, anna):
    bruna = make_registration(event, first_name="Bruna")
    phone.sync()
    phone.cut()
    phone.let_in(anna.code)
    phone.page.add_init_script(FULL)
    phone.page.reload()
    page = phone.page
    expect(page.get_by_role("heading", name="Seminario di prova")).to_be_visible()
    expect(page.locator("#storage")).to_be_visible()
    check(page, bruna.code)
    expect(page.locator("#answer-hint")).to_contain_text("Scrivi il nome su carta")
    page.get_by_role("button", name="Prossima persona", exact=True).click()
    page.get_by_role("button", name="Menu", exact=True).click()
    expect(page.locator("#storage-words")).to_contain_text("elimina foto o video")
    assert phone.waiting == 2
    phone.mend()
    phone.sync()
    assert phone.waiting == 0
    assert [status for status, *_ in facts(event)] == ["ok", "ok"]


def test_list_comes_though_there_is_no_room_for_it(phone, event, anna):
    phone.page.add_init_script(FULL)
    phone.page.reload()
    bruna = make_registration(event, first_name="Bruna")
    phone.sync()
    assert phone.scan(bruna.code)["name"] == bruna.name


def test_disk_that_lets_go_of_nothing_stops_no_scan(phone, event, anna):
    bruna = make_registration(event)
    phone.sync()
    phone.cut()
    phone.let_in(anna.code)
    phone.page.evaluate(f"() => {{ {FULL} {STUCK} }}")
    phone.let_in(bruna.code)
    phone.mend()
    phone.listen()
    phone.sync()
    assert phone.heard()["isLocal"] is False
    assert phone.waiting == 0
    assert [status for status, *_ in facts(event)] == ["ok", "ok"]
    phone.page.reload()
    phone.sync()  # what the disk still held is sent again, and changes nothing
    assert (phone.waiting, event.scans.count()) == (0, 2)


def test_phone_that_cannot_open_what_it_keeps_says_that_it_is_full_and_loses_nothing(phone, event, anna):
    phone.cut()
    phone.let_in(anna.code)
    phone.mend()
    tab = phone.page.context.new_page()
    phone.page.close()
    tab.add_init_script(NOT_OPENED)
    tab.goto(PAGE)
    expect(tab.get_by_role("alert")).to_contain_text("Questo telefono non ha più spazio")
    tab.close()
    phone.page = phone.page.context.new_page()
    phone.page.goto(PAGE)
    phone.sync()
    assert facts(event) == [("ok", "", False)]


def test_phone_that_is_full_is_not_paired_and_says_why(page, event):
    page.add_init_script(FULL)
    page.goto(PAGE)
    _device, code = devices.create_pairing(events=[event])
    page.get_by_label("Codice di collegamento").fill(code)
    page.get_by_role("button", name="Collega").click()
    expect(page.get_by_role("alert")).to_contain_text("Questo telefono non ha più spazio")
