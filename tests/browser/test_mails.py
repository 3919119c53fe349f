"""Every e-mail as a mail program shows it, on a phone in light and on a desk in dark: axe finds nothing."""

import re

import pytest
from django.conf import settings

from mail import pages
from tests.browser.conftest import DESKTOP, PHONE
from tests.every_mail import EVERY, delivered

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.once]


@pytest.mark.parametrize(("viewport", "scheme"), [(PHONE, "light"), (DESKTOP, "dark")], ids=["phone", "desk"])
@pytest.mark.parametrize("language", dict(settings.LANGUAGES))
def test_mails_are_accessible(open_context, browser, axe, programme, live_server, settings, language, viewport, scheme):
    settings.SITE_URL = live_server.url  # so that its own pictures are found
    page = open_context(browser, viewport=viewport, color_scheme=scheme).new_page()
    wrong = {}
    for kind in [kind for kind, its_language in EVERY if its_language == language]:
        html = pages.html_of(delivered(kind, language, programme))
        page.goto("about:blank")  # nothing is left of the mail before
        page.set_content(re.sub(r"(<body[^>]*>)", r"\1<main>", html))  # a mail program brings the landmark
        try:
            axe(page)
        except AssertionError as error:
            wrong[kind] = str(error)[:600]
    assert wrong == {}
