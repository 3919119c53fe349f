"""Every e-mail as a mail program shows it, on a phone in light and on a desk in dark: axe finds nothing."""

import re

import pytest

from mail import pages
from tests.browser.conftest import DESKTOP, PHONE
from tests.every_mail import EVERY, delivered

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("kind", "language"), EVERY, ids=["-".join(one) for one in EVERY])
def test_mail_is_accessible(open_context, browser, axe, programme, live_server, settings, kind, language):
    settings.SITE_URL = live_server.url  # so that its own pictures are found
    html = pages.html_of(delivered(kind, language, programme))
    for viewport, scheme in ((PHONE, "light"), (DESKTOP, "dark")):
        page = open_context(browser, viewport=viewport, color_scheme=scheme).new_page()
        page.set_content(re.sub(r"(<body[^>]*>)", r"\1<main>", html))  # a mail program brings the landmark
        axe(page)
        page.close()
