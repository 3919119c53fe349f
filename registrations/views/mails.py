"""The staff's pages about the mails of an event: which leave when, each switched and timed, each with its preview."""

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import desk
from accounts.services import trail
from core.clock import in_words
from events.models import Event
from events.views.staff import event_for
from mail import pages
from mail.views.guard import IN_FRAME
from registrations import kinds
from registrations.desk import SWITCHED
from registrations.forms.mails import MailsForm
from registrations.models import Registration, RegistrationQuerySet
from registrations.services import RegistrationError, correspondence, previewing, switching

MOST_PEOPLE = 200


@desk.page("registrations.change")
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.change")
    form = MailsForm(request.POST or None, event=event, shown=previewing.shown(event))
    if form.is_valid():
        try:
            switching.choose(event=event, choices=form.choices)
        except RegistrationError as error:
            error.add_to(form)
        else:
            trail.note(actor=request.user, subject=event, act=SWITCHED)
            messages.success(request, _("Saved."))
            return redirect("registrations:staff-mails", slug)
    return render(request, "registrations/staff/mails.html", {"event": event, "form": form, "rows": _rows(event, form)})


def _rows(event: Event, form: MailsForm) -> list[dict[str, object]]:
    """Each mail with its words and fields, in the order of a participant's life."""
    sent, now = correspondence.sent_about(event), timezone.now()
    rows = []
    for kind in form.kinds:
        fields = form.fields
        moment = kind.moment(event) if kind.plan else None
        rows.append(
            {
                "kind": kind,
                "is_on": kind.is_on(event),
                "when": in_words(moment, event.programme.time_zone) if moment else kind.when,
                "is_past": moment is not None and moment <= now,
                "sent": sent.get(kind.key, 0),
                "switch": form[f"on_{kind.key}"] if f"on_{kind.key}" in fields else None,
                "time": form[f"minutes_{kind.key}"] if f"minutes_{kind.key}" in fields else None,
            }
        )
    return rows


@desk.page("registrations.view")
def preview(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Subject, HTML and text of one mail with the data of somebody of this event, who is chosen in the address."""
    event = event_for(request, slug, "registrations.view")
    chosen, person, language = _chosen(request, event, kind)
    people = Registration.objects.visible_to(request.user, "registrations.view").filter(event=event)
    context = {
        "event": event,
        "kind": chosen,
        "kinds": previewing.shown(event),
        "person": person.pk if person else None,
        "people": _choosable(people.by_name(), person),
        "language": language,
        "languages": settings.LANGUAGES,
        "rendered": previewing.rendered(kind=chosen, event=event, registration=person, language=language),
    }
    return render(request, "registrations/staff/mail_preview.html", context)


def _choosable(people: RegistrationQuerySet, chosen: Registration | None) -> list[Registration]:
    """The first ones, and who is chosen."""
    found = list(people[:MOST_PEOPLE])
    return found if chosen is None or chosen in found else [chosen, *found]


@csp(IN_FRAME)
@desk.page("registrations.view")
def preview_html(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    event = event_for(request, slug, "registrations.view")
    chosen, person, language = _chosen(request, event, kind)
    mail = previewing.rendered(kind=chosen, event=event, registration=person, language=language)
    return HttpResponse(pages.in_new_window(mail.html))


def _chosen(request: HttpRequest, event: Event, key: str) -> tuple[kinds.MailKind, Registration | None, str]:
    """What the address asks for. A person of another event, or whom she may not see, is not found."""
    kind = next((one for one in previewing.shown(event) if one.key == key), None)
    wanted = request.GET.get("person", "")
    language = request.GET.get("language", settings.LANGUAGE_CODE)
    if kind is None or language not in dict(settings.LANGUAGES):
        raise Http404
    people = Registration.objects.visible_to(request.user, "registrations.view").filter(event=event)
    people = people.select_related("event__programme", "event__venue")
    if wanted in {"", "sample"}:
        return kind, None if wanted else people.filter(state=Registration.State.CONFIRMED).first(), language
    person = people.filter(pk=wanted).first() if wanted.isdecimal() and len(wanted) < 16 else None
    if person is None:
        raise Http404
    return kind, person, language
