"""The box on the home page: the newest newsletter and a form of one field."""

from django.template import Context, Template
from django.test import Client
from django.utils import timezone

from mail.models import Mailing
from newsletters.models import Subscription
from programmes.context import Frame
from tests.make import make_newsletter


def test_box_shows_the_newest_in_one_query(programme, django_assert_num_queries):
    for number in (1, 2, 3):
        mailing = Mailing.objects.create(key=f"newsletter:{number}")
        make_newsletter(programme, subject=f"Numero {number}", state="sent", sent_at=timezone.now(), mailing=mailing)
    template = Template("{% load newsletter_box %}{% newsletter_box %}")
    with django_assert_num_queries(1):
        shown = template.render(Context({"frame": Frame(programme)}))
    assert "Numero 3" in shown
    assert "Numero 2" not in shown


def test_box_on_the_home_page_subscribes(programme):
    browser = Client(enforce_csrf_checks=True)
    assert 'action="/newsletter/iscriviti/"' in browser.get("/").content.decode()
    response = browser.post("/newsletter/iscriviti/", {"email": "anna@example.org", "box": "1"})
    assert "anna@example.org" in response.content.decode()
    assert not browser.cookies
    assert Subscription.objects.get().proofs.get().source == "site:home"
