"""The staff's pages about a series: what its events can take over from their template, and new events for the provinces
that have none yet, made and published together. Each person sees and changes only the events that are hers."""

from collections.abc import Iterator, Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import desk
from events.forms import SisterForm, territories_for
from events.models import Event, Venue
from events.services import EventError, editing, series
from events.templatetags.event_words import with_province
from events.views.staff import event_for


def _hers(request: HttpRequest) -> QuerySet[Event]:
    return Event.objects.visible_to(request.user, "events.change")


@desk.page("events.change")
def overview(request: HttpRequest, slug: str) -> HttpResponse:
    """The drafts, what can be taken over, all events of the series. Sending the form takes over what is ticked."""
    event = event_for(request, slug)
    if request.method == "POST":
        outcome = series.apply_changes(template=event, choices=_choices(request), sisters=_hers(request))
        _tell(request, outcome)
        return redirect("events:staff-series", slug=slug)
    root = series.root_of(event)
    sisters = list(_hers(request).filter(template=root).select_related("territory", "venue"))
    context = {
        "event": event,
        "root": root,
        "may_change_root": request.user.has_perm("events.change", root),
        "sisters": sisters,
        "drafts": [one for one in sisters if not one.published_at and one.state == Event.State.PLANNED],
        "comparison": series.offered_changes(template=event, sisters=_hers(request)),
    }
    return render(request, "events/staff/series.html", context)


def _choices(request: HttpRequest) -> Iterator[tuple[int, str]]:
    """What was ticked, such as `12:title`; anything else is nothing."""
    for key in request.POST.getlist("change"):
        pk, _colon, field = key.partition(":")
        if pk.isascii() and pk.isdigit() and len(pk) < 19:
            yield int(pk), field


def _tell(request: HttpRequest, outcome: series.Outcome) -> None:
    if number := len(outcome.changed):
        sentence = ngettext("%(number)d event is up to date.", "%(number)d events are up to date.", number)
        messages.success(request, sentence % {"number": number})
    elif not outcome.refused:
        messages.info(request, _("Nothing was ticked: nothing has changed."))
    for sister, why in outcome.refused:
        messages.error(request, f"{with_province(sister)}: {why}")


@desk.page("events.change")
def create(request: HttpRequest, slug: str) -> HttpResponse:
    """A row for each province without an event of the series; those with a day are made, all or none."""
    event = event_for(request, slug)
    hers = {one.pk for one in territories_for(request.user, event.programme)}
    venues = {str(one.pk): one for one in Venue.objects.filter(programme=event.programme).order_by("town", "name")}
    taken = set(Event.objects.values_list("slug", flat=True))
    forms = [
        SisterForm(
            request.POST or None,
            proposed=series.proposed_slug(event, territory, taken),
            territory=territory,
            venues=venues,
        )
        for territory in series.missing_provinces(event)
        if territory.pk in hers
    ]
    if request.method == "POST" and _made(request, event, forms):
        return redirect("events:staff-series", slug=slug)
    return render(
        request,
        "events/staff/series_create.html",
        {"event": event, "forms": forms, "has_errors": any(form.errors for form in forms)},
    )


def _made(request: HttpRequest, event: Event, forms: Sequence[SisterForm]) -> bool:
    valid = [form.is_valid() for form in forms]
    if not all(valid):
        return False
    wishes = [form.wish for form in forms if form.wish]
    if not wishes:
        messages.error(request, _("Give at least one province a day and an hour."))
        return False
    try:
        made = series.create_sisters(template=event, wishes=wishes)
    except EventError as error:
        for form in forms:
            for name in form.fields.keys() & {key.removeprefix(f"{form.prefix}-") for key in error.fields}:
                if sentence := error.fields.get(form.add_prefix(name)):
                    form.add_error(name, ValidationError(sentence, code=error.code))
        return False
    sentence = ngettext(
        "%(number)d draft is ready: look it over, then publish it.",
        "%(number)d drafts are ready: look them over, then publish them.",
        len(made),
    )
    messages.success(request, sentence % {"number": len(made)})
    return True


@require_POST
@desk.page("events.change")
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """One draft of the series, or all those that were shown."""
    root = series.root_of(event_for(request, slug))
    shown = [key for key in request.POST.getlist("draft") if key.isascii() and key.isdigit() and len(key) < 19]
    drafts = list(_hers(request).filter(template=root, pk__in=shown, published_at=None, cancelled_at=None))
    for draft in drafts:
        editing.publish(event=draft)
    sentence = ngettext(
        "%(number)d event is on the public site.", "%(number)d events are on the public site.", len(drafts)
    )
    messages.success(request, sentence % {"number": len(drafts)})
    return redirect("events:staff-series", slug=slug)
