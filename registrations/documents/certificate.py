"""Makes the PDF of a certificate: tagged (PDF/UA-1), archivable (PDF/A-2a), the same bytes for the same rows.

`render` is called by the worker and changes nothing. Words are translated here, in the person's language; the template
`certificate.typ` lays them out with typst's own fonts.
"""

import re
from zoneinfo import ZoneInfo

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from events.models import Mode
from programmes.models import Organisation
from registrations.documents import qr, typesetting
from registrations.models import Certificate

LONG_NAME = 26
"""Letters that still fit a line at the full size."""


def render(certificate: Certificate) -> bytes:
    """The PDF."""
    with translation.override(certificate.registration.language):
        data = _data(certificate)
    return typesetting.pdf("certificate.typ", data, at=certificate.issued_at)


def verification_address(certificate: Certificate) -> str:
    """What the QR holds, in the language that is active."""
    return settings.SITE_URL + reverse("registrations:verify", args=[certificate.shown_code])


def in_hours(minutes: int) -> str:
    """`230` as “3 hours and 50 minutes”."""
    hours, rest = divmod(minutes, 60)
    parts = []
    if hours:
        parts.append(ngettext("%(number)d hour", "%(number)d hours", hours) % {"number": hours})
    if rest or not hours:
        parts.append(ngettext("%(number)d minute", "%(number)d minutes", rest) % {"number": rest})
    return _(" and ").join(parts)


def _data(certificate: Certificate) -> dict[str, object]:
    registration, event = certificate.registration, certificate.event
    programme = event.programme
    organisations = list(programme.organisations.all())
    lead = next((one.name for one in organisations if one.role == Organisation.Role.LEAD), str(programme.name))
    address = verification_address(certificate)
    online = registration.mode == Mode.ONLINE
    return {
        "language": translation.get_language().partition("-")[0],
        "colour": programme.main_colour,
        "title": _("Certificate of attendance: %(event)s") % {"event": certificate.event_title},
        "heading": _("Certificate of attendance"),
        "programme": str(programme.name),
        "claim": str(programme.claim),
        "this_certifies": _("This is to certify that"),
        "name": _breakable(certificate.name),
        "name_size": 28 if len(certificate.name) <= LONG_NAME else 21,
        "took_part": _("took part online in") if online else _("took part in person in"),
        "event": str(certificate.event_title),
        "facts": _facts(certificate, online),
        "agenda_heading": _("Programme"),
        "agenda": [str(session.title) for session in event.sessions.all()],
        "issuer": event.organiser.name if event.organiser else lead,
        "issued": _("Issued on %(date)s") % {"date": date_format(timezone.localdate(certificate.issued_at), "j F Y")},
        "code_label": _("Code"),
        "code": certificate.shown_code,
        "check": _("Anybody can check that this certificate is genuine:"),
        "address": address,
        "shown_address": address.partition("://")[2],
        "qr": _qr(address),
        "qr_alt": _("QR code of the page that checks this certificate: %(address)s") % {"address": address},
        "funders": typesetting.funders(programme),
        "funding_note": str(programme.funding_note),
        "project_code": programme.project_code,
    }


def _breakable(name: str) -> str:
    """The name, with places to break in words longer than a line."""
    return re.sub(rf"(\S{{{LONG_NAME}}})(?=\S)", "\\1\u200b", name)


def _facts(certificate: Certificate, online: bool) -> list[tuple[str, str]]:
    words = {"attended": in_hours(certificate.minutes), "total": in_hours(certificate.event_minutes)}
    is_whole = certificate.minutes >= certificate.event_minutes
    attended = (_("%(total)s, the whole event") if is_whole else _("%(attended)s of %(total)s")) % words
    where = _("Online") if online else certificate.place
    facts = [(_("When"), _when(certificate)), (_("Where"), where), (_("Attended"), attended)]
    return [(label, words) for label, words in facts if words]


def _when(certificate: Certificate) -> str:
    zone = ZoneInfo(certificate.event.programme.time_zone)
    start, end = certificate.starts_at.astimezone(zone), certificate.ends_at.astimezone(zone)
    return _("%(day)s, from %(start)s to %(end)s") % {
        "day": date_format(start, "l j F Y"),
        "start": date_format(start, "G:i"),
        "end": date_format(end, "G:i"),
    }


def _qr(address: str) -> str:
    drawn = qr.svg(address, quiet=0)
    return '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{path}"/></svg>'.format(
        **drawn
    )


def file_name(certificate: Certificate) -> str:
    """How the PDF is called where a person keeps it."""
    return f"attestato-{certificate.event.slug}-{certificate.shown_code}.pdf"
