"""The staff's pages about what an event asks who registers: the list in order, one question, needs."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import desk
from core.errors import refusals_shown
from events.models import Event, Question
from events.question_forms import NeedsForm, QuestionForm
from events.services import EventError, editing, questioning
from events.views.staff import event_for


def _question(event: Event, pk: int) -> Question:
    return get_object_or_404(event.questions.asked().select_related("shown_if"), pk=pk)


@desk.page("events.change")
def listing(request: HttpRequest, slug: str) -> HttpResponse:
    """What is asked, in order; and the two questions about needs, which are kept apart."""
    event = event_for(request, slug)
    form = NeedsForm(request.POST or None, instance=event)
    if request.method == "POST" and form.is_valid():
        stored = event_for(request, slug)
        with refusals_shown(request):
            editing.update_event(event=stored, changes=form.cleaned_data)
            messages.success(request, _("Saved."))
        return redirect("events:staff-questions", slug=slug)
    questions = list(event.questions.select_related("shown_if"))
    context = {
        "event": event,
        "form": form,
        "questions": [one for one in questions if one.retired_at is None],
        "retired": [one for one in questions if one.retired_at is not None],
    }
    return render(request, "events/staff/questions.html", context)


@desk.page("events.change")
def create(request: HttpRequest, slug: str) -> HttpResponse:
    event = event_for(request, slug)
    form = QuestionForm(request.POST or None, event=event)
    if form.is_valid():
        try:
            questioning.add(event=event, **form.values)
        except EventError as error:
            error.add_to(form)
        else:
            messages.success(request, _("The question is added."))
            return redirect("events:staff-questions", slug=slug)
    return render(request, "events/staff/question.html", {"event": event, "form": form})


@desk.page("events.change")
def edit(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    event = event_for(request, slug)
    question = _question(event, pk)
    form = QuestionForm(request.POST or None, instance=question, event=event)
    if form.is_valid():
        try:
            questioning.change(question=question, **form.values)
        except EventError as error:
            error.add_to(form)
        else:
            messages.success(request, _("Saved."))
            return redirect("events:staff-questions", slug=slug)
    context = {"event": event, "form": form, "question": _question(event, pk)}
    context["is_answered"] = questioning.is_answered(question)
    return render(request, "events/staff/question.html", context)


@require_POST
@desk.page("events.change")
def move(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    question = _question(event_for(request, slug), pk)
    with refusals_shown(request):
        questioning.move(question=question, up=request.POST.get("to") == "up")
    return redirect("events:staff-questions", slug=slug)


@require_POST
@desk.page("events.change")
def remove(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    question = _question(event_for(request, slug), pk)
    with refusals_shown(request):
        questioning.remove(question=question)
        messages.success(request, _("The question is asked no more."))
    return redirect("events:staff-questions", slug=slug)
