import pytest
from django.conf import settings

from mail.models import Delivery
from registrations.models import Registration
from registrations.services import previewing
from tests.make import both, make_certificate, make_event, make_registration, make_venue

pytestmark = pytest.mark.django_db
LANGUAGES = [code for code, _name in settings.LANGUAGES]


@pytest.fixture
def event(programme):
    return make_event(programme, kind="lab", venue=make_venue(programme), needs_approval=True)


def test_every_mail_is_shown_in_every_language_with_real_data_and_no_secret(event, django_assert_num_queries):
    registration = make_registration(event, first_name="Ottavia", minutes=230, entered_at=event.starts_at)
    certificate = make_certificate(registration)
    secrets = [registration.token, registration.code, certificate.code]
    secrets.append(f"{registration.code[:4]}-{registration.code[4:]}")
    for kind in previewing.shown(event):
        for language in LANGUAGES:
            person = Registration.objects.select_related("event__programme", "event__venue").get()
            mail = previewing.rendered(kind=kind, event=event, registration=person, language=language)
            assert "Ottavia" in mail.text, kind.key
            assert str(event.title.localize(language)) in mail.subject, kind.key
            whole = mail.subject + mail.text + mail.html
            assert not [secret for secret in secrets if secret in whole], kind.key
            assert "cid:" not in mail.html
    stored = Registration.objects.get()
    assert (stored.token, stored.code) == (registration.token, registration.code)
    assert not Delivery.objects.exists()


def test_without_anybody_somebody_invented_is_registered_for_this_event(programme):
    event = make_event(programme, in_person_capacity=None, title=both("Solo online", "Only online"))
    for kind in previewing.shown(event):
        mail = previewing.rendered(kind=kind, event=event, registration=None, language="it")
        assert "Solo online" in mail.subject, kind.key
        assert "Anna" in mail.text, kind.key
        assert "/t/" not in mail.text, kind.key


def test_links_of_a_preview_open_nobodys_page(event, client):
    make_registration(event)
    person = Registration.objects.select_related("event__programme", "event__venue").get()
    kind = next(one for one in previewing.shown(event) if one.key == "ticket")
    mail = previewing.rendered(kind=kind, event=event, registration=person, language="it")
    links = [word for word in mail.text.split() if word.startswith(f"{settings.SITE_URL}/iscrizioni/")]
    links += [word for word in mail.text.split() if word.startswith(f"{settings.SITE_URL}/t/")]
    assert len(links) >= 2
    for link in links:
        assert client.get(link.removeprefix(settings.SITE_URL)).status_code == 404


def test_only_mails_that_somebody_may_get_are_shown(programme):
    plain = make_event(programme, kind="meeting", has_waiting_list=False, online_capacity=None)
    keys = {kind.key for kind in previewing.shown(plain)}
    assert keys.isdisjoint({"requested", "waiting", "place_offered", "online_soon"})
    assert {"confirm", "ticket", "day_before", "thanks"} <= keys
