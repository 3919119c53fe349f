"""Putting a mistake right for those who have not got the newsletter yet."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.desk import page
from newsletters.forms.correct import CorrectForm
from newsletters.services import NewsletterError, correcting
from newsletters.services import progress as counting
from newsletters.views.desk import find


@page("newsletters.send")
def correct(request: HttpRequest, slug: str) -> HttpResponse:
    newsletter = find(request, slug, "newsletters.send")
    if not newsletter.is_paused:
        return redirect("newsletters:staff-progress", slug)
    form = CorrectForm(request.POST or None, newsletter=newsletter)
    if request.method == "POST" and form.is_valid():
        try:
            number = correcting.correct(newsletter=newsletter, by=request.user, **form.words())
        except NewsletterError as error:
            error.add_to(form)
        else:
            text = ngettext(
                "Put right for %(number)s person who has not got it yet.",
                "Put right for %(number)s people who have not got it yet.",
                number,
            )
            if newsletter.correction_waits:
                then = _("It is still paused until a second person has read and approved it.")
            else:
                then = _("It is still paused: read it, then go on.")
            messages.success(request, f"{text % {'number': number}} {then}")
            return redirect("newsletters:staff-progress", slug)
    context = {"newsletter": newsletter, "form": form, "progress": counting.of(newsletter)}
    return render(request, "newsletters/desk/correct.html", context)
