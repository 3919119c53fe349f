"""A list that was filled in on paper, entered at the phone row by row."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from registrations.models import Scan
from tests.browser.conftest import eventually
from tests.browser.door import WRONG_CLOCK, begins_paper_list, scans
from tests.make import make_registration

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("tab", ["Cerca", "Aggiungi"])
def test_paper_list_is_asked_for_from_every_tab(page, pair, event, tab):
    pair(page)
    page.get_by_role("button", name=tab).click()
    begins_paper_list(page)
    expect(page.get_by_label("Che ora c’è scritta")).to_be_visible()
    page.get_by_role("button", name="Comincia").click()
    expect(page.locator("#paper")).to_be_visible()


def test_paper_list_is_entered_with_the_hour_and_the_way_of_each_row(page, pair, event, anna):
    bruna = make_registration(event, first_name="Bruna", last_name="Neri")
    online = make_registration(event, first_name="Carlo", last_name="Blu", mode="online")
    pair(page)
    begins_paper_list(page)
    begins = timezone.localtime(event.starts_at).replace(second=0, microsecond=0)
    expect(page.get_by_label("Che ora c’è scritta")).to_have_value(f"{begins:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Comincia").click()
    time = page.get_by_label("Ora della prossima riga")
    expect(time).to_have_value(f"{begins:%H:%M}")
    for person in [anna, bruna, online]:
        scans(page, person.code)
    rows = page.locator("#paper-rows li")
    expect(rows).to_have_count(3)
    expect(page.locator("#answer")).to_be_hidden()
    expect(page.locator("#paper-count")).to_have_text("2 persone inserite")
    expect(rows.first).to_contain_text("Iscrizione online")
    page.locator("#paper-rows li", has_text="Bruna Neri").get_by_role("button", name="Annulla").click()
    expect(page.locator("#paper-count")).to_have_text("1 persona inserita")
    later = begins + timedelta(minutes=3)
    time.fill(f"{later:%H:%M}")
    page.get_by_role("radio", name="Uscita").check()
    scans(page, anna.code)
    expect(rows.first).to_contain_text(f"Uscita alle {later:%H:%M}")
    eventually(page, Scan.objects.count, 4)
    told = anna.scans.order_by("at").values_list("source", "direction", "at")
    assert list(told) == [("paper", "in", begins), ("paper", "out", later)]
    bruna.refresh_from_db()
    assert bruna.entered_at is None
    page.get_by_role("button", name="Fine").click()
    expect(page.get_by_role("button", name="Aggiungi")).to_be_visible()
    expect(page.get_by_role("radio", name="Entrata")).to_be_checked()


def test_paper_row_without_a_time_that_has_passed_is_not_entered(page, pair, event, anna):
    pair(page)
    begins_paper_list(page)
    page.get_by_role("button", name="Comincia").click()
    page.get_by_label("Ora della prossima riga").fill("")
    scans(page, anna.code)
    expect(page.locator("#paper-time-note")).to_be_visible()
    expect(page.get_by_label("Ora della prossima riga")).to_be_focused()
    assert not Scan.objects.exists()


def test_phone_whose_clock_is_slow_takes_a_list_of_a_moment_ago(page, pair, event, anna):
    event.starts_at = timezone.now() - timedelta(minutes=30)
    event.save(update_fields=["starts_at"])
    page.add_init_script(WRONG_CLOCK % -7_200_000)
    pair(page)
    begins_paper_list(page)
    page.get_by_role("button", name="Comincia").click()
    expect(page.locator("#paper")).to_be_visible()
    scans(page, anna.code)
    eventually(page, Scan.objects.count, 1)
