"""Who may open which page, for every address there is: an address without a line here fails.

The world has one lab in Pisa and one in Lucca, each with one person registered. The cast is in `conftest`. For each
staff page stand the names of who gets in, for Pisa's things and for Lucca's; everybody else is refused or finds
nothing, a stranger is sent to the login, and on no page does a person of a province appear to whom it is not hers.
"""

from dataclasses import dataclass

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils.translation import override

from mail.services import outbox
from registrations.models import Group
from registrations.services import evidence, sealing
from tests.make import (
    make_announcement,
    make_attendance_file,
    make_certificate,
    make_device,
    make_event,
    make_newsletter,
    make_picture,
    make_question,
    make_registration,
    make_scan,
    make_subscription,
    make_venue,
)

pytestmark = pytest.mark.django_db

EVERYBODY = "carla piero lucia dora fabio nora vito"
COORDINATES = "carla"
WRITES = "carla nora"
ORGANISES = {"pisa": "carla piero", "lucca": "carla lucia"}
LOOKS = {"pisa": "carla piero dora fabio nora vito", "lucca": "carla lucia nora vito"}
OPENS_THE_DOOR = {"pisa": "carla piero dora", "lucca": "carla lucia"}
LEADS = "carla piero lucia fabio"
SHEET = b"%PDF-1.7 %%EOF"
SURNAMES = {"pisa": "Pisanelli", "lucca": "Lucchesini"}


@dataclass(frozen=True)
class Page:
    """`who` gets in: the same names in both provinces, or by province. `over` are further arguments of the address."""

    who: str | dict[str, str]
    method: str = "get"
    over: tuple[tuple[str, str], ...] = ()

    def names(self, province: str) -> set[str]:
        return set((self.who if isinstance(self.who, str) else self.who[province]).split())


def post(who: str | dict[str, str], **over: str) -> Page:
    return Page(who, "post", tuple(over.items()))


def get(who: str | dict[str, str], **over: str) -> Page:
    return Page(who, "get", tuple(over.items()))


STAFF = {
    "accounts:desk": get(EVERYBODY),
    "accounts:search": get(EVERYBODY),
    "accounts:people": get(COORDINATES),
    "accounts:person-add": get(COORDINATES),
    "accounts:person-active": post(COORDINATES),
    "accounts:role-take": post(COORDINATES),
    "events:staff-list": get(EVERYBODY),
    "events:staff-create": get("carla piero lucia"),
    "events:staff-elsewhere": get(EVERYBODY),
    "events:staff-venues": get("carla piero lucia"),
    "events:staff-venue-create": get("carla piero lucia"),
    "events:staff-venue": get(ORGANISES),
    "events:staff-event": get(LOOKS),
    "events:staff-edit": get(ORGANISES),
    "events:staff-publish": post(ORGANISES),
    "events:staff-cancel": post(ORGANISES),
    "events:staff-parts": get(ORGANISES, part="sessions"),
    "events:staff-series": get(ORGANISES),
    "events:staff-series-create": get(ORGANISES),
    "events:staff-series-publish": post(ORGANISES),
    "events:staff-questions": get(ORGANISES),
    "events:staff-question-create": get(ORGANISES),
    "events:staff-question": get(ORGANISES),
    "events:staff-question-move": post(ORGANISES),
    "events:staff-question-remove": post(ORGANISES),
    "registrations:monitoring": get(COORDINATES),
    "registrations:monitoring-export": get(COORDINATES),
    "registrations:staff-announcements": get("carla piero lucia"),
    "registrations:staff-announcement-create": get("carla piero lucia"),
    "registrations:staff-announcement-count": post(ORGANISES),
    "registrations:staff-announcement": get(ORGANISES),
    "registrations:staff-announcement-edit": get(ORGANISES),
    "registrations:staff-announcement-preview": get(ORGANISES),
    "registrations:staff-announcement-send": post(ORGANISES),
    "registrations:staff-announcement-discard": post(ORGANISES),
    "registrations:staff-mails": get(ORGANISES),
    "registrations:staff-mail-preview": get(ORGANISES, kind="ticket"),
    "registrations:staff-mail-preview-html": get(ORGANISES, kind="ticket"),
    "registrations:staff-list": get(ORGANISES),
    "registrations:staff-create": get(ORGANISES),
    "registrations:staff-detail": get(ORGANISES),
    "registrations:staff-act": post(ORGANISES, action="cancel"),
    "registrations:staff-presence": post(ORGANISES),
    "registrations:to-look-at": get(ORGANISES),
    "registrations:scans-settle-phone": post(ORGANISES),
    "registrations:scan-whose": get(ORGANISES),
    "registrations:scan-decide": post(ORGANISES, decision="settle"),
    "registrations:staff-signatures": get(ORGANISES),
    "registrations:paper": get(ORGANISES),
    "registrations:paper-register": get(ORGANISES),
    "registrations:paper-list": get(ORGANISES),
    "registrations:evidence-file": get(ORGANISES),
    "registrations:evidence-withdraw": post(ORGANISES),
    "registrations:staff-approve": post(ORGANISES),
    "registrations:invitations": get(ORGANISES),
    "registrations:invitations-remind": post(ORGANISES),
    "registrations:invitation-withdraw": post(ORGANISES),
    "registrations:members": get(COORDINATES),
    "registrations:members-domains": post(COORDINATES),
    "registrations:member-remove": post(COORDINATES),
    "registrations:export": get(ORGANISES),
    "registrations:hall": get(OPENS_THE_DOOR),
    "registrations:hall-figures": get(OPENS_THE_DOOR),
    "registrations:devices": get(OPENS_THE_DOOR),
    "registrations:devices-list": get(OPENS_THE_DOOR),
    "registrations:device": get(OPENS_THE_DOOR),
    "registrations:devices-revoke": post(OPENS_THE_DOOR),
    "registrations:checkin-pair": post(OPENS_THE_DOOR),
    "registrations:attendance-files": get(ORGANISES),
    "registrations:attendance-file": get(ORGANISES),
    "registrations:attendance-file-result": get(ORGANISES),
    "registrations:attendance-file-undo": post(ORGANISES),
    "registrations:attendance-file-download": get(ORGANISES),
    "registrations:room": get(OPENS_THE_DOOR),
    "registrations:room-code": get(OPENS_THE_DOOR, moment="start"),
    "registrations:channels": get(EVERYBODY),
    "registrations:groups": get(ORGANISES),
    "registrations:staff-erasure": get(ORGANISES),
    "registrations:groups-late": post(ORGANISES),
    "registrations:groups-move": post(ORGANISES),
    "registrations:groups-dissolve": post(ORGANISES),
    "registrations:groups-print": get(ORGANISES),
    "registrations:my-groups": get(LEADS),
    "registrations:sealed": get(ORGANISES),
    "registrations:sealed-pdf": get(ORGANISES),
    "registrations:sealed-xlsx": get(ORGANISES),
    "registrations:certificates": get(ORGANISES),
    "registrations:certificate-download": get(ORGANISES),
    "registrations:certificate-resend": post(ORGANISES),
    "registrations:certificate-revoke": post(ORGANISES),
    "registrations:certificate-reissue": post(ORGANISES),
    "newsletters:staff-list": get(WRITES),
    "newsletters:staff-create": post(WRITES),
    "newsletters:staff-edit": get(WRITES),
    "newsletters:staff-preview": post(WRITES),
    "newsletters:staff-reach": post(WRITES),
    "newsletters:staff-preview-readers": post(WRITES),
    "newsletters:staff-pictures": get(WRITES),
    "newsletters:staff-picture-delete": post(WRITES),
    "newsletters:staff-versions": get(WRITES),
    "newsletters:staff-version": get(WRITES),
    "newsletters:staff-restore": post(WRITES),
    "newsletters:staff-audience": post(WRITES),
    "newsletters:staff-audiences": get(WRITES),
    "newsletters:staff-readers": get(WRITES),
    "newsletters:staff-readers-bring": get(WRITES),
    "newsletters:staff-reader": get(WRITES),
    "newsletters:staff-reader-leave": post(WRITES),
    "newsletters:staff-reader-proof": get(WRITES),
    "newsletters:staff-progress": get(WRITES),
    "newsletters:staff-steer": post(WRITES),
    "newsletters:staff-figures": get(WRITES),
    "newsletters:staff-figures-export": get(WRITES, part="newsletters"),
    "newsletters:staff-share": get(WRITES),
    "newsletters:staff-share-picture": get(WRITES),
    "newsletters:staff-before": get(WRITES),
    "newsletters:staff-correct": get(WRITES),
    "newsletters:staff-rules": get(COORDINATES),
    "mail:home": get(WRITES),
    "mail:doubts": get(WRITES),
    "mail:doubts-decide": post(WRITES),
    "mail:sender": get(WRITES),
    "mail:rate": post(WRITES),
    "mail:release": post(WRITES),
    "mail:address": post(WRITES),
    "mail:preview": get(WRITES),
    "mail:preview-html": get(WRITES),
    "mail:history": get(WRITES),
    "mail:free": post(WRITES),
    "mail:mailbox": get(WRITES),
    "mail:mailbox-message": get(WRITES),
    "mail:mailbox-html": get(WRITES),
    "mail:mailbox-file": get(WRITES),
}
DATA = {
    "registrations:paper-register": {"register-part": "whole", "register-spare": "1"},
    "registrations:paper-list": {"list-spare": "1"},
    "registrations:attendance-file-undo": {"reason": "x"},
    "mail:preview-html": {"kind": "accounts.login_code"},
    "mail:address": {"address": "x@example.org"},
}

OWN_ACCOUNT = {
    "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes", "mfa_download_recovery_codes", "mfa_list_webauthn", "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn", "mfa_remove_webauthn", "mfa_edit_webauthn", "account_reauthenticate",
}  # fmt: skip
"""Pages about the account of who is logged in, and of nobody else."""

PROBES = {"healthz", "readyz", "metrics"}
PUBLIC = PROBES | {
    "uploads",
    "api:openapi-json", "api:list_events", "api:one_event", "api:register",
    "api:api-root", "events:home", "events:list", "events:calendar", "events:event-calendar", "events:detail",
    "events:embedded",
    "programmes:partners", "programmes:privacy", "programmes:accessibility", "programmes:legal", "programmes:sitemap",
    "programmes:robots", "programmes:favicon", "programmes:colour", "newsletters:archive", "newsletters:subscribe",
    "newsletters:detail", "newsletters:feed", "newsletters:picture", "events:picture", "events:home-picture",
    "registrations:create", "registrations:together", "registrations:verify-form", "registrations:lost",
    "registrations:checkin", "registrations:checkin-worker", "registrations:checkin-manifest",
    "account_login", "account_request_login_code", "account_confirm_login_code", "account_logout", "account_inactive",
    "account_signup", "mfa_authenticate", "mfa_login_webauthn", "accounts:local-codes",
}  # fmt: skip
"""For anybody, without a person's data."""

BY_TOKEN = {
    "api:pair", "api:unpair", "api:read_roster", "api:send_scans", "api:undo_scan", "api:walk_in",
    "newsletters:confirm", "registrations:together-sent", "registrations:offer", "registrations:wait-for",
    "newsletters:preferences", "newsletters:unsubscribe", "registrations:sent", "registrations:manage",
    "registrations:confirm", "registrations:change-mode", "registrations:consents", "registrations:resend",
    "registrations:details", "registrations:hand-over", "registrations:hand-over-take-back", "registrations:handover",
    "registrations:own-data", "registrations:erase",
    "registrations:cancel", "registrations:online", "registrations:online-room",
    "registrations:own-calendar", "registrations:ticket",
    "registrations:answers", "registrations:verify", "registrations:own-certificate", "accounts:login-link",
    "mail-webhook",
}  # fmt: skip
"""For who holds a secret: logging in opens none of them."""


def addresses(patterns, namespace: str = "") -> dict[str, object]:
    """Every named pattern of the map, by its name."""
    found = {}
    for pattern in patterns:
        if hasattr(pattern, "url_patterns"):
            found |= addresses(pattern.url_patterns, pattern.namespace or namespace)
        else:
            name = pattern.name or str(pattern.pattern)
            found[f"{namespace}:{name}" if namespace else name] = pattern
    return found


ADDRESSES = addresses(get_resolver().url_patterns)
UNNAMED = {name for name in ADDRESSES if name.startswith("^")}


def test_every_address_has_an_expectation():
    known = {*STAFF, *OWN_ACCOUNT, *PUBLIC, *BY_TOKEN}
    assert set(ADDRESSES) - UNNAMED - known == set(), "say in this file who may open the new addresses"
    assert known - set(ADDRESSES) == set(), "these addresses are gone"


@pytest.fixture
def world(programme, pisa, lucca, cast):
    """Arguments of the addresses, by province."""
    newsletter = make_newsletter(programme)
    reader = make_subscription(programme)
    newsletter.versions.create(number=1, subject=newsletter.subject, body=newsletter.body)
    made = {}
    for number, territory in enumerate((pisa, lucca)):
        event = make_event(programme, slug=f"lab-{territory.slug}", kind="lab", territory=territory)
        person = make_registration(event, last_name=SURNAMES[territory.slug])
        group = Group.objects.create(event=event, number=1)
        person.group = group
        person.save()
        pdf = ContentFile(b"%PDF-", "attestato.pdf")
        certificate = make_certificate(person, code=f"CODE{number}", minutes=240, pdf=pdf, sha256="0" * 64)
        message = outbox.add_message(kind="registrations.ticket", language="it", subject="Biglietto", text="Ciao")
        mail = outbox.add_delivery(key=f"registrations.ticket:{person.pk}:1", message=message, to="x@example.org")
        made[territory.slug] = {
            "event": event.slug, "person": person.pk, "certificate": certificate.pk, "mail": mail.pk,
            "question": make_question(event).pk,
            "announcement": make_announcement(event).pk,
            "evidence": evidence.keep(event=event, kind="signatures", name="firme.pdf", content=SHEET, by=None)[0].pk,
            "sealed": sealing.seal(event=event, by=None).pk,
            "phone": make_device(event)[0].pk, "venue": make_venue(programme, territory=territory).pk,
            "attendance-file": make_attendance_file(event, f"{person.first_name} {person.last_name}").pk,
            "newsletter": newsletter.slug, "reader": reader.pk, "picture": make_picture(programme).pk,
            "scan": make_scan(person, is_forced=True, reason="cancelled").pk,
            "invitation": event.invitations.create(email="i@example.org", last_name=SURNAMES[territory.slug]).pk,
            "member": programme.members.create(email=f"m{number}@example.org", role="presidente").pk,
            "user": cast.dora.pk, "membership": cast.dora.memberships.get().pk,
        }  # fmt: skip
    return made


def address(name: str, page: Page, things: dict) -> str:
    """The page's address for the things of one province."""
    room = name.partition(":")[0]
    slug = things["newsletter"] if room == "newsletters" else things["event"]
    pks = {
        "accounts:role-take": "membership", "accounts:person-active": "user", "mail": "mail",
        "registrations:scan-whose": "scan", "registrations:scan-decide": "scan",
        "registrations:devices-revoke": "phone", "registrations:scans-settle-phone": "phone",
        "registrations:device": "phone",
        "registrations:certificate-reissue": "person",
        "events:staff-venue": "venue", "registrations:invitation-withdraw": "invitation",
        "registrations:member-remove": "member", "registrations:evidence-file": "evidence",
        "registrations:evidence-withdraw": "evidence", "newsletters": "reader",
        "newsletters:staff-picture-delete": "picture",
    }  # fmt: skip
    if name.startswith("events:staff-question"):
        pks[name] = "question"
    named = next((one for one in ("certificate", "announcement", "attendance-file", "sealed") if one in name), "person")
    kind = pks.get(name) or pks.get(room) or named
    values = {"slug": slug, "pk": things[kind], "number": 1, **dict(page.over)}
    wanted = ADDRESSES[name].pattern.converters
    return reverse(name, kwargs={key: value for key, value in values.items() if key in wanted})


def ask(client: Client, page: Page, path: str, data: dict):
    """One request whose effects are undone."""
    with transaction.atomic():
        response = getattr(client, page.method)(path, data)
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return response.status_code, content.decode(errors="replace"), response.headers.get("Location", "")


@pytest.mark.parametrize("name", sorted(STAFF))
def test_staff_page_opens_to_whom_it_should_and_shows_nobody_elses_people(world, cast, name):
    page = STAFF[name]
    for province, things in world.items():
        path, data = address(name, page, things), DATA.get(name, {})
        if page.method == "post":
            data = {"event": things["event"]} | data
        status, _, location = ask(Client(), page, path, data)
        assert (status, "login" in location) == (302, True), f"a stranger at {path}"
        for who in EVERYBODY.split():
            client = Client()
            client.force_login(getattr(cast, who))
            status, content, location = ask(client, page, path, data)
            is_in = status in {200, 302} and "login" not in location
            assert is_in == (who in page.names(province)), f"{who} at {path}: {status}"
            assert is_in or status in {403, 404, 422}, f"{who} at {path}: {status}"
            for other, surname in SURNAMES.items():
                assert who in ORGANISES[other] or surname not in content, f"{who} sees {surname} at {path}"


@pytest.mark.parametrize("name", sorted(OWN_ACCOUNT))
def test_pages_of_ones_own_account_send_a_stranger_to_the_login(client, name):
    kwargs = {"pk": 1} if name in {"mfa_edit_webauthn", "mfa_remove_webauthn"} else {}
    response = client.get(reverse(name, kwargs=kwargs))
    assert response.status_code == 404 or "login" in response["Location"]


@pytest.mark.parametrize("name", sorted(PUBLIC | BY_TOKEN))
def test_public_pages_show_nobodys_data_and_foreign_tokens_open_nothing(client, world, name):
    values = {"slug": "lab-pisa", "token": "A" * 22, "ticket": "A" * 106, "code": "AAAA", "colour": "1f4d3a"}
    values |= {"path": "logo.png", "provider": "brevo"}
    wanted = ADDRESSES[name].pattern.converters if name != "programmes:colour" else {"colour"}
    kwargs = {key: value for key, value in values.items() if key in wanted}
    response = client.get(f"/{name}" if name in PROBES else reverse(name, kwargs=kwargs))
    content = b"".join(response.streaming_content) if response.streaming else response.content
    assert response.status_code < 500 or name == "readyz"
    assert not any(surname in content.decode(errors="replace") for surname in SURNAMES.values())
    if name in BY_TOKEN:
        assert response.status_code in {401, 404, 405, 422} or "non" in content.decode(), response.status_code


def test_english_addresses_are_guarded_alike(client, world):
    with override("en"):
        path = reverse("registrations:staff-list", args=["lab-pisa"])
    assert path.startswith("/en/desk/")
    assert client.get(path)["Location"].startswith("/en/accounts/login/")
