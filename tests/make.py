"""Plain helpers that make rows: `make_event(slug="seminario-pisa")`. Every default can be overridden."""

import io
from datetime import date, timedelta
from itertools import count

from django.core.files.base import ContentFile
from django.utils import timezone
from i18nfield.strings import LazyI18nString
from PIL import Image

from accounts.models import Membership, User
from events.models import Event, Question, Venue
from mail.models import Delivery, Mailing, Message
from newsletters.models import Newsletter, Picture, Subscription
from programmes.models import Organisation, Programme, Territory
from registrations.consents import digest
from registrations.models import Announcement, Certificate, Consent, Device, Evidence, Registration, Scan
from registrations.services import certificates, devices, platform_logs

_number = count(1)


def both(italian: str, english: str) -> LazyI18nString:
    return LazyI18nString({"it": italian, "en": english})


def make_programme(**over) -> Programme:
    values = {
        "slug": f"vlt-{next(_number)}",
        "short_name": "VLT",
        "name": both("Vita Lavoro Toscana", "Life Work Tuscany"),
        "claim": both("Lavoro e vita, insieme.", "Work and life, together."),
        "starts_on": date(2023, 12, 1),
        "ends_on": date(2030, 12, 31),
        "contact_email": "info@vlt.example",
        "is_current": True,
    }
    return Programme.objects.create(**values | over)


def make_territory(programme: Programme, name: str = "Pisa", **over) -> Territory:
    number = next(_number)
    values = {
        "slug": name.lower(),
        "name": name,
        "sigla": name[:2].upper(),
        "istat_code": f"{number % 900 + 100:03d}",  # never one of the fixtures in conftest
        "iso_code": f"IT-{name[:2].upper()}",
        "tile_row": number // 100,
        "tile_column": number % 100,
    }
    return Territory.objects.create(programme=programme, **values | over)


def make_organisation(programme: Programme, name: str = "CNA Toscana", **over) -> Organisation:
    values = {"slug": f"organisation-{next(_number)}", "name": name, "role": Organisation.Role.PARTNER}
    return Organisation.objects.create(programme=programme, **values | over)


def make_venue(programme: Programme, **over) -> Venue:
    values = {
        "slug": f"venue-{next(_number)}",
        "name": "Stazione Leopolda",
        "address": "Piazza Guerrazzi 2",
        "town": "Pisa",
    }
    return Venue.objects.create(programme=programme, **values | over)


def make_event(programme: Programme | None = None, **over) -> Event:
    """A published seminar of four hours in a week, in person (60) and online (100), with registration open."""
    programme = programme or Programme.objects.current() or make_programme()
    now = timezone.now().replace(microsecond=0)
    starts_at = over.pop("starts_at", now + timedelta(days=7))
    ends_at = over.pop("ends_at", starts_at + timedelta(hours=4))
    values = {
        "slug": f"seminario-{next(_number)}",
        "kind": "seminar",
        "title": both("Seminario di prova", "Trial seminar"),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "in_person_capacity": 60,
        "online_capacity": 100,
        "registration_opens_at": starts_at - timedelta(days=60),
        "registration_closes_at": ends_at,
        "published_at": now - timedelta(days=30),
    }
    return Event.objects.create(programme=programme, **values | over)


def make_question(event: Event, **over) -> Question:
    """A question without choices, or with those in `choices` (Italian words by their key)."""
    number = next(_number)
    values = {"key": f"domanda_{number}", "label": both(f"Domanda {number}?", f"Question {number}?")}
    values["order"] = number % 32_768
    if "choices" in over:
        values["kind"] = Question.Kind.CHOICE
        values["options"] = [{"key": key, "label": {"it": text}} for key, text in over.pop("choices").items()]
    event.questions_version += 1
    event.save(update_fields=["questions_version"])
    return Question.objects.create(event=event, **values | over)


def make_registration(event: Event, **over) -> Registration:
    """A confirmed registration written straight into the table, with its place taken on the event's counter."""
    number = next(_number)
    values = {
        "state": Registration.State.CONFIRMED,
        "mode": "in_person",
        "first_name": "Anna",
        "last_name": f"Verdi {number}",
        "email": f"anna.verdi.{number}@example.org",
        "email_confirmed_at": timezone.now(),
    } | over
    if values["state"] == Registration.State.WAITING:
        values.setdefault("queued_at", values["email_confirmed_at"])
    registration = Registration.objects.create(event=event, **values)
    if registration.holds_place:
        field = f"{registration.mode}_taken"
        setattr(event, field, getattr(event, field) + 1)
        event.save(update_fields=[field])
    return registration


def make_consent(registration: Registration, purpose: str = "newsletter", **over) -> Consent:
    """That somebody agreed to something with the form."""
    values = {"act": Consent.Act.GIVEN, "text": "Sì.", "version": "2024-01", "how": Consent.How.FORM} | over
    values.setdefault("sha256", digest(values["text"]))
    return Consent.objects.create(registration=registration, purpose=purpose, **values)


def make_certificate(registration: Registration, **over) -> Certificate:
    certificate = certificates.of(registration)
    for name, value in over.items():
        setattr(certificate, name, value)
    certificate.save(force_insert=True)
    return certificate


def make_staff(programme: Programme, role: str, territory: Territory | None = None, **over) -> User:
    number = next(_number)
    values = {"email": f"{role}.{number}@example.org", "first_name": role.capitalize(), "last_name": str(number)}
    user = User.objects.create_user(**values | over)
    Membership.objects.create(user=user, programme=programme, role=role, territory=territory)
    return user


def make_scan(registration: Registration, **over) -> Scan:
    """An accepted entry of `registration` now, written straight into the table."""
    values = {
        "event": registration.event,
        "nonce": f"nonce-{next(_number)}",
        "direction": Scan.Direction.IN,
        "status": Scan.Status.OK,
        "at": timezone.now(),
    }
    return Scan.objects.create(registration=registration, **values | over)


def make_running_event(programme: Programme | None = None, **over) -> Event:
    """An event that began an hour ago and lasts four."""
    return make_event(programme, starts_at=timezone.now() - timedelta(hours=1), **over)


def make_device(*events: Event, **over) -> tuple[Device, str]:
    """A phone paired for `events`, and its token."""
    device, code = devices.create_pairing(events=events, **{"name": "Porta"} | over)
    return devices.pair(code=code)


def make_subscription(programme: Programme, **over) -> Subscription:
    """Somebody who asked for the newsletter and confirmed it a month ago, with the proof of it."""
    number = next(_number)
    asked_at = over.pop("asked_at", timezone.now() - timedelta(days=30))
    values = {
        "email": f"reader.{number}@example.org",
        "first_name": "Giulia",
        "state": Subscription.State.ACTIVE,
        "confirmed_at": asked_at,
    }
    subscription = Subscription.objects.create(programme=programme, **values | over)
    subscription.proofs.create(
        text="Sì, mandatemi la newsletter.",
        source="site:subscribe",
        asked_at=asked_at,
        recorded_at=asked_at,
        confirmed_at=subscription.confirmed_at,
        ended_at=subscription.ended_at,
        ended_by="unsubscribed" if subscription.ended_at else "",
    )
    return subscription


def make_newsletter(programme: Programme, **over) -> Newsletter:
    """A draft with a subject and a text, due this month."""
    values = {
        "slug": f"newsletter-{next(_number)}",
        "theme": both("A che punto siamo", "How far we are"),
        "due_on": timezone.localdate(),
        "subject": both("Le notizie di luglio", "The news of July"),
        "body": both("Ciao %%first_name%%,\n\nci vediamo a **Pisa**.", "Hello %%first_name%%, see you in **Pisa**."),
    }
    body = over.get("body")
    if "subject" not in over and isinstance(body, LazyI18nString) and not body.data.get("en"):
        values["subject"] = both("Le notizie di luglio", "")  # a language is written whole or not at all
    return Newsletter.objects.create(programme=programme, **values | over)


def make_delivery(mailing: Mailing | str | None = None, **over) -> Delivery:
    """A mail to Anna that has left a minute ago: a newsletter's, with the key of a mailing, else one to her alone."""
    number = next(_number)
    if isinstance(mailing, str):
        mailing, _ = Mailing.objects.get_or_create(key=mailing)
    message = Message.objects.create(
        mailing=mailing,
        kind=over.pop("kind", "newsletters.newsletter" if mailing else "registrations.ticket"),
        from_email="Vita Lavoro Toscana <info@testserver>",
        subject=over.pop("subject", "Le notizie di luglio"),
        text="Ciao",
    )
    left_at = over.pop("left_at", timezone.now() - timedelta(minutes=1))
    values = {
        "key": f"delivery:{number}",
        "email": "anna@example.org",
        "mail_id": Delivery.new_mail_id(),
        "state": Delivery.State.SENT,
        "handed_at": left_at,
        "sent_at": left_at,
        "created_at": left_at,
    } | over
    if values["state"] != Delivery.State.SENT:
        values["sent_at"] = None
    return Delivery.objects.create(message=message, **values)


def make_image(kind: str = "JPEG", size: tuple[int, int] = (80, 60), **options) -> bytes:
    """The bytes of a terracotta picture."""
    buffer = io.BytesIO()
    Image.new("RGB", size, "#A8431F").save(buffer, kind, **options)
    return buffer.getvalue()


def make_picture(programme: Programme, **over) -> Picture:
    picture = Picture(programme=programme, **{"alternative": "Un tavolo a Pisa"} | over)
    picture.file.save(f"tavolo-{next(_number)}.jpg", ContentFile(make_image()), save=False)
    picture.width, picture.height = 80, 60
    picture.save()
    return picture


def make_announcement(event: Event, **over) -> Announcement:
    """A draft to the people of one event."""
    values = {
        "programme": event.programme,
        "territory": event.territory,
        "event": event,
        "choice": {"state": "confirmed"},
        "subject": both("Da dove si entra", "Where to come in"),
        "body": both("%%first_name%%, cerca la **porta verde**.", "%%first_name%%, look for the **green door**."),
    }
    return Announcement.objects.create(**values | over)


def make_attendance_file(event: Event, *names: str) -> Evidence:
    """A file of Zoom, kept: everybody was there during the whole event; `Anna <anna@example.org>` has an address."""
    hours = (timezone.localtime(moment) for moment in (event.starts_at, event.ends_at))
    start, end = (moment.strftime("%d/%m/%Y %H:%M:%S") for moment in hours)
    lines = ["Nome (nome originale),E-mail,Ora di ingresso,Ora di uscita,Durata (minuti),Guest"]
    for name in names:
        shown, _at, address = name.partition(" <")
        lines.append(f"{shown},{address.rstrip('>')},{start},{end},240,Sì")
    content = "\n".join([*lines, ""]).encode()
    return platform_logs.keep(event=event, name="partecipanti.csv", content=content, by=None).evidence
