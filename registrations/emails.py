"""What is told by mail, and with which words at hand. When each is sent is decided in `services.notices`.

Those to a participant share one context: the registration, its event, the programme, and her own links in the language
of the mail. `ticket_link` comes from the caller, because signing tickets is a rule.
"""

from datetime import timedelta
from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from accounts.models import User
from core import markdown, plain_text
from core.tokens import grouped
from events import dates
from events.models import Event, Mode, Venue
from mail.emails import email
from programmes.models import Programme
from registrations.documents.certificate import in_hours, verification_address
from registrations.models import Certificate, Handover, Invitation, Registration, Seal


def link(name: str, *arguments: object) -> str:
    """The whole address of a page, in the language that is active."""
    return settings.SITE_URL + reverse(name, args=arguments)


def sample_registration() -> tuple[Registration, str]:
    """Somebody who does not exist, for the preview page."""
    programme = Programme.objects.current() or Programme(name="Vita Lavoro Toscana", contact_email="info@example.org")
    venue = Venue(
        name="Stazione Leopolda", address="Piazza Guerrazzi 2", town="Pisa", accessibility=_("Entrance without steps.")
    )
    start = timezone.localtime().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=7)
    event = Event(
        pk=1, programme=programme, venue=venue, slug="seminario-pisa", kind="seminar", title=_("Seminar in Pisa"),
        starts_at=start, ends_at=start + timedelta(hours=4), in_person_capacity=60, online_capacity=100,
    )  # fmt: skip
    registration = Registration(
        pk=1, event=event, state=Registration.State.CONFIRMED, mode=Mode.IN_PERSON, first_name="Anna",
        last_name="Verdi", email="anna.verdi@example.org", code="ABCDEFGH",
        held_until=timezone.now() + timedelta(hours=1),
    )  # fmt: skip
    return registration, f"{settings.SITE_URL}/t/example"


def _context(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    event, token = registration.event, registration.token
    return {
        "registration": registration,
        "event": event,
        "programme": event.programme,
        "code": grouped(registration.code),
        "ticket_link": ticket_link,
        "manage_link": link("registrations:manage", token),
        "online_link": link("registrations:online", token),
        "event_link": link("events:detail", event.slug),
    }


@email("registrations.confirm", sample=sample_registration)
def confirm(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration) | {"confirm_link": link("registrations:confirm", registration.token)}


@email("registrations.ticket", sample=sample_registration)
def ticket(registration: Registration, ticket_link: str) -> dict[str, object]:
    return _context(registration, ticket_link)


def sample_offer() -> tuple[Registration]:
    registration, _ticket_link = sample_registration()
    registration.state = Registration.State.OFFERED
    registration.held_until = timezone.now() + timedelta(hours=24)
    return (registration,)


@email("registrations.place_offered", sample=sample_offer)
def place_offered(registration: Registration) -> dict[str, object]:
    return _context(registration) | {"offer_link": link("registrations:offer", registration.token)}


@email("registrations.offer_lapsed", sample=sample_offer)
def offer_lapsed(registration: Registration) -> dict[str, object]:
    return _context(registration) | {"confirm_link": link("registrations:confirm", registration.token)}


@email("registrations.requested", sample=sample_registration)
def requested(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


def sample_refusal() -> tuple[Registration]:
    registration, _ticket_link = sample_registration()
    registration.refused_because = _("The places are kept for people who work in the province.")
    return (registration,)


@email("registrations.refused", sample=sample_refusal)
def refused(registration: Registration) -> dict[str, object]:
    return _context(registration) | {"events_link": link("events:list")}


@email("registrations.waiting", sample=lambda: (sample_registration()[0], 3))
def waiting(registration: Registration, position: int) -> dict[str, object]:
    return _context(registration) | {"position": position}


@email("registrations.cancelled", sample=sample_registration)
def cancelled(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


@email("registrations.already_registered", sample=sample_registration)
def already_registered(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


@email("registrations.event_moved", sample=sample_registration)
def event_moved(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


@email("registrations.event_cancelled", sample=sample_registration)
def event_cancelled(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration) | {"events_link": link("events:list")}


def sample_handover() -> tuple[Handover]:
    registration, _ticket_link = sample_registration()
    colleague = Handover(
        pk=1, registration=registration, first_name="Bruna", last_name="Neri", email="bruna.neri@example.org"
    )
    return (colleague,)


@email("registrations.handover_offered", sample=sample_handover)
def handover_offered(handover: Handover) -> dict[str, object]:
    """Nothing of the holder's but her name: not her link, not her code."""
    event = handover.registration.event
    return {
        "handover": handover,
        "holder": handover.registration.name,
        "registration": {"mode": handover.registration.mode},
        "event": event,
        "programme": event.programme,
        "event_link": link("events:detail", event.slug),
        "handover_link": link("registrations:handover", handover.token),
    }


@email("registrations.handover_declined", sample=lambda: (sample_registration()[0], sample_handover()[0]))
def handover_declined(registration: Registration, handover: Handover) -> dict[str, object]:
    return _context(registration) | {"colleague": handover.name}


@email("registrations.handed_over", sample=lambda: (sample_registration()[0], Registration(first_name="Bruna")))
def handed_over(registration: Registration, successor: Registration) -> dict[str, object]:
    return _context(registration) | {"colleague": successor.name}


@email("registrations.handover_requested", sample=sample_registration)
def handover_requested(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


@email("registrations.links", sample=lambda: (sample_registration()[0], [sample_registration()[0]]))
def links(registration: Registration, registrations: list[Registration]) -> dict[str, object]:
    mine = [
        {"event": one.event, "state": one.shown_state, "link": link("registrations:manage", one.token)}
        for one in registrations
    ]
    return {"registration": registration, "programme": registration.event.programme, "mine": mine}


@email("registrations.erased", sample=lambda: (sample_registration()[0], True))
def erased(registration: Registration, was_present: bool) -> dict[str, object]:
    """Without her page's link: there is nothing on it any more."""
    event = registration.event
    return {
        "registration": registration,
        "event": event,
        "programme": event.programme,
        "was_present": was_present,
        "privacy_link": link("programmes:privacy"),
    }


@email("registrations.erasure_refused", sample=lambda: (sample_registration()[0], _("We have to answer a claim.")))
def erasure_refused(registration: Registration, reason: str) -> dict[str, object]:
    return _context(registration) | {"reason": reason, "privacy_link": link("programmes:privacy")}


def sample_certificate() -> tuple[Certificate]:
    registration, _ticket_link = sample_registration()
    return (Certificate(registration=registration, code="ABCDEFGHJKLMNPQR", name=registration.name, minutes=230),)


def sample_invitation() -> tuple[Invitation]:
    registration, _ticket_link = sample_registration()
    event = registration.event
    event.registration_opens_at = timezone.now() - timedelta(days=1)
    event.registration_closes_at = event.starts_at
    return (Invitation(event=event, email=registration.email, first_name="Anna", last_name="Verdi"),)


@email("registrations.invitation", sample=sample_invitation)
def invitation(invitation: Invitation) -> dict[str, object]:
    event = invitation.event
    return {
        "invitation": invitation,
        "event": event,
        "programme": event.programme,
        "is_reminder": invitation.mailed_at is not None,
        "is_open": event.registration_opens_at <= timezone.now(),
        "invitation_link": f"{link('registrations:create', event.slug)}?invito={invitation.token}",
        "event_link": link("events:detail", event.slug),
    }


def sample_audience() -> tuple[Event, str]:
    facts = {"organisations": "CNA Toscana"}
    return sample_registration()[0].event, _("For people of %(organisations)s.") % facts


@email("registrations.audience_only", sample=sample_audience)
def audience_only(event: Event, for_whom: str) -> dict[str, object]:
    return {
        "event": event,
        "programme": event.programme,
        "for_whom": for_whom,
        "event_link": link("events:detail", event.slug),
        "events_link": link("events:list"),
    }


@email("registrations.certificate", sample=sample_certificate)
def certificate(certificate: Certificate) -> dict[str, object]:
    return _context(certificate.registration) | {
        "attended": in_hours(certificate.minutes),
        "verify_link": verification_address(certificate),
        "download_link": link("registrations:own-certificate", certificate.registration.token),
    }


@email("registrations.week_before", sample=sample_registration)
def week_before(registration: Registration, ticket_link: str) -> dict[str, object]:
    return _context(registration, ticket_link)


@email("registrations.day_before", sample=sample_registration)
def day_before(registration: Registration, ticket_link: str) -> dict[str, object]:
    return _context(registration, ticket_link)


def sample_online() -> tuple[Registration]:
    registration, _ticket_link = sample_registration()
    registration.mode = Mode.ONLINE
    return (registration,)


@email("registrations.online_soon", sample=sample_online)
def online_soon(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _context(registration)


def _afterwards(registration: Registration) -> dict[str, object]:
    event = registration.event
    materials = [] if event._state.adding else event.materials.all()
    taken_home = [(str(one.title), urljoin(settings.SITE_URL, one.address)) for one in materials]
    return _context(registration) | {"materials": taken_home, "survey_link": event.survey_url}


@email("registrations.thanks", sample=sample_registration)
def thanks(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    """For who was there; the certificate comes by itself to who was there long enough."""
    has_certificate = registration.event.kind_facts.has_certificate and registration.has_reached_threshold
    return _afterwards(registration) | {"has_certificate": has_certificate}


@email("registrations.missed", sample=sample_registration)
def missed(registration: Registration, ticket_link: str = "") -> dict[str, object]:
    return _afterwards(registration)


def sample_announcement() -> tuple[Programme, str, str, dict[str, str]]:
    registration, _ticket_link = sample_registration()
    event = registration.event
    about = {
        "event_title": str(event.title),
        "event_when": dates.in_words(event),
        "manage_link": link("registrations:manage", registration.token),
    }
    body = _("Anna, the entrance is on the other side of the square: look for the **green door**.")
    return event.programme, _("Where to come in"), body, about


@email("registrations.announcement", sample=sample_announcement)
def announcement(programme: Programme, subject: str, body: str, about: dict[str, str]) -> dict[str, object]:
    """What the staff wrote, in Markdown; `about` says for which event the reader is registered."""
    html = mark_safe(markdown.with_whole_addresses(markdown.to_html(body)))  # noqa: S308 (sanitised)
    return about | {
        "programme": programme,
        "mail_subject": subject,
        "body_html": html,
        "body_text": plain_text.from_markdown(body, site=settings.SITE_URL).strip(),
    }


def sample_seal() -> tuple[Seal]:
    event = sample_registration()[0].event
    heads = {"head": "3f" * 32, "xlsx_sha256": "8a" * 32, "pdf_sha256": "c1" * 32}
    made_by = User(first_name="Giulia", last_name="Bianchi")
    return (Seal(event=event, number=1, people=58, facts=214, made_by=made_by, made_at=timezone.now(), **heads),)


@email("registrations.sealed", sample=sample_seal)
def sealed(seal: Seal) -> dict[str, object]:
    """To who works here: nothing about who took part."""
    return {
        "seal": seal,
        "event": seal.event,
        "programme": seal.event.programme,
        "time_zone": settings.TIME_ZONE,
        "page_link": link("registrations:sealed", seal.event.slug),
    }
