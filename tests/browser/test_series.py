"""A new province's event, from the template's board to the public page: one field and three clicks."""

import re
from datetime import timedelta

import pytest
from django.utils.timezone import localtime, now
from playwright.sync_api import expect

from tests.make import both, make_event, make_venue

pytestmark = pytest.mark.django_db(transaction=True)


def test_new_province_is_live_with_one_field_and_three_clicks(desktop_page, log_in, cast, programme, pisa, lucca, axe):
    page = desktop_page
    make_event(programme, slug="seminario-pisa", territory=pisa, title=both("Seminario di Pisa", "Seminar in Pisa"))
    make_venue(programme, territory=lucca, town="Lucca")
    log_in(page, cast.carla)
    page.goto("/gestione/eventi/seminario-pisa/")
    page.get_by_role("link", name="Nuovi eventi da questo").click()
    axe(page)
    page.get_by_label("Inizio").fill(localtime(now() + timedelta(days=30)).strftime("%Y-%m-%dT09:30"))
    page.get_by_role("button", name="Crea").click()
    axe(page)
    page.get_by_role("button", name="Pubblica").click()
    expect(page.get_by_role("status")).to_contain_text("1 evento è sul sito pubblico")
    page.context.clear_cookies()
    page.goto("/eventi/seminario-lucca/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Seminario di Lucca")
    expect(page.get_by_role("link", name="Iscriviti", exact=True)).to_be_visible()
    axe(page)


@pytest.mark.parametrize("width", [300, 800])
def test_list_for_other_sites_is_accessible_at_any_width(open_context, browser, programme, pisa, axe, width):
    make_event(programme, territory=pisa, venue=make_venue(programme))
    page = open_context(browser, viewport={"width": width, "height": 620}).new_page()
    page.goto("/incorpora/eventi/?via=cna")
    axe(page)
    assert page.context.cookies() == []
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Seminario di prova").click()
    expect(opened.value).to_have_url(re.compile(r"\?via=cna$"))
    opened.value.get_by_role("link", name="Iscriviti", exact=True).click()
    expect(opened.value.locator("input[name=via]")).to_have_value("cna")
