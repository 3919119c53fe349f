"""The staff's messages to a part of the people registered: written, looked at with a real person, sent after a yes."""

from csp.decorators import csp
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import desk
from accounts.services import trail
from core.errors import refusals_shown
from events.views.staff import event_for
from mail import pages
from mail.views.guard import IN_FRAME
from programmes.context import current_frame
from registrations.desk import WROTE
from registrations.forms.announcement import AnnouncementForm
from registrations.models import Announcement
from registrations.services import RegistrationError, announcing

PAGE = 25
MOST_PEOPLE = 200


def announcement_for(request: HttpRequest, pk: int) -> Announcement:
    rows = Announcement.objects.visible_to(request.user).select_related("programme", "event__territory", "territory")
    return get_object_or_404(rows, pk=pk)


@desk.page("registrations.change")
def listing(request: HttpRequest) -> HttpResponse:
    rows = Announcement.objects.visible_to(request.user).filter(programme__is_current=True)
    page = Paginator(rows.select_related("event", "territory", "created_by"), PAGE).get_page(request.GET.get("page"))
    progress = announcing.progress(page.object_list)
    for one in page.object_list:
        one.progress = progress.get(one.pk)
    return render(request, "registrations/staff/announcements.html", {"page": page})


@desk.page("registrations.change")
def create(request: HttpRequest) -> HttpResponse:
    """To the people of one event (`?event=`), or of the programme or a province."""
    return _written(request, _new(request))


@desk.page("registrations.change")
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    announcement = announcement_for(request, pk)
    if announcement.sent_at:
        return redirect("registrations:staff-announcement", pk)
    return _written(request, announcement)


def _new(request: HttpRequest) -> Announcement:
    slug = request.POST.get("event") or request.GET.get("event")
    if slug:
        event = event_for(request, slug, "registrations.change")
        return Announcement(programme=event.programme, event=event, territory=event.territory)
    programme = current_frame(request).programme
    if programme is None:
        raise Http404
    return Announcement(programme=programme)


def _written(request: HttpRequest, announcement: Announcement) -> HttpResponse:
    form = AnnouncementForm(request.POST or None, announcement=announcement, user=request.user)
    if form.is_valid() and "count" not in request.POST:
        words = {name: form.cleaned_data[name] for name in ("subject", "body")}
        announcement.territory = form.territory()
        try:
            kept = announcing.save(announcement=announcement, choice=form.choice, by=request.user, **words)
        except RegistrationError as error:
            error.add_to(form)
        else:
            return redirect("registrations:staff-announcement", kept.pk)
    context = {"form": form, "announcement": announcement, "reach": _reach(request, form)}
    return render(request, "registrations/staff/announcement_edit.html", context)


@require_POST
@desk.page("registrations.change")
def count(request: HttpRequest) -> HttpResponse:
    """Whom it would reach as it is ticked, while somebody writes."""
    form = AnnouncementForm(request.POST, announcement=_new(request), user=request.user)
    form.full_clean()
    return render(request, "registrations/staff/announcement_reach.html", {"reach": _reach(request, form)})


def _reach(request: HttpRequest, form: AnnouncementForm) -> announcing.Reach | None:
    """None where a filter cannot be understood: nobody is counted by mistake."""
    announcement = form.announcement
    if form.is_bound:
        if form.errors.keys() - {"subject", "body"}:
            return None
        announcement.choice, announcement.territory = form.choice.as_json(), form.territory()
    elif not announcement.choice and "province" in form.fields and form.fields["province"].required:
        first = form.fields["province"].choices[:1]
        announcement.choice = announcing.Choice(province=first[0][0] if first else "").as_json()
    return announcing.reach(announcing.people(announcement, request.user))


@desk.page("registrations.change")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Before it leaves: to whom, how it looks, and the question. Afterwards: how far it is."""
    announcement = announcement_for(request, pk)
    chosen = announcing.people(announcement, request.user)
    context = {
        "announcement": announcement,
        "progress": announcing.progress([announcement]).get(pk),
        "languages": settings.LANGUAGES,
        "is_english_written": announcing.is_written_in(announcement, "en"),
    }
    if not announcement.sent_at:
        context |= {"reach": announcing.reach(chosen)}
    context |= {"people": announcing.recipients(chosen).by_name()[:MOST_PEOPLE]}
    context |= _preview(request, announcement)
    return render(request, "registrations/staff/announcement.html", context)


@csp(IN_FRAME)
@desk.page("registrations.change")
def preview_html(request: HttpRequest, pk: int) -> HttpResponse:
    mail = _preview(request, announcement_for(request, pk))["rendered"]
    if mail is None:
        raise Http404
    return HttpResponse(pages.in_new_window(mail.html))


def _preview(request: HttpRequest, announcement: Announcement) -> dict[str, object]:
    """The copy of the person chosen in the address, or of the first one; None where nobody gets it."""
    wanted, language = request.GET.get("person", ""), request.GET.get("language", settings.LANGUAGE_CODE)
    if language not in dict(settings.LANGUAGES):
        raise Http404
    people = announcing.recipients(announcing.people(announcement, request.user)).select_related("event")
    if wanted.isdecimal() and len(wanted) < 16:
        people = people.filter(pk=wanted)
    person = people.by_name().first()
    rendered = announcing.as_read_by(announcement, person, language) if person else None
    return {"person": person, "language": language, "rendered": rendered}


@require_POST
@desk.page("registrations.change")
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """The last yes, with the number it was said to."""
    announcement = announcement_for(request, pk)
    agreed = request.POST.get("people", "")
    with refusals_shown(request):
        if "yes" not in request.POST or not agreed.isdecimal():
            raise RegistrationError("unconfirmed", _("Say yes below, then it leaves."))
        was_sent = announcement.sent_at is not None
        announcing.send(announcement=announcement, by=request.user, expected=int(agreed[:9]))
        if not was_sent:
            trail.note(actor=request.user, subject=announcement.event or announcement.programme, act=WROTE)
        messages.success(request, _("It is on its way."))
    return redirect("registrations:staff-announcement", pk)


@require_POST
@desk.page("registrations.change")
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    with refusals_shown(request):
        announcing.discard(announcement=announcement_for(request, pk))
        messages.success(request, _("The draft is gone."))
    return redirect("registrations:staff-announcements")
