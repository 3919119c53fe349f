"""Audiences under a name: chosen or saved while writing a newsletter, renamed or thrown away on a page of their own."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.desk import page
from core.errors import refusals_shown
from newsletters.forms.audience import AudienceForm
from newsletters.models import Newsletter, SavedAudience
from newsletters.services import NewsletterError, audiences, saved_audiences
from newsletters.services.audiences import Audience
from newsletters.views.desk import find
from programmes.context import current_frame


@page("newsletters.change")
@require_POST
def audience(request: HttpRequest, slug: str) -> HttpResponse:
    """The ticks of a saved audience in place of those on the screen, or those on the screen saved; nothing else of what
    is being written is touched."""
    newsletter = find(request, slug, "newsletters.change")
    form = AudienceForm(request.POST, newsletter=newsletter)
    act = _keep if request.POST.get("do") == "keep" else _choose
    form, said = act(request, newsletter, form)
    context = {"newsletter": newsletter, "form": form, "audience_said": said}
    context["reach"] = audiences.reach(newsletter.programme, form.audience_on_screen())
    return render(request, "newsletters/desk/audience_chosen.html", context)


def _choose(request: HttpRequest, newsletter: Newsletter, form: AudienceForm) -> tuple[AudienceForm, str]:
    visible = SavedAudience.objects.visible_to(request.user).filter(programme=newsletter.programme)
    pk = str(form["saved_audience"].value() or "")
    saved = visible.filter(pk=pk).first() if pk.isdecimal() and len(pk) < 19 else None
    if saved is None:
        return form, _("Choose one first.")
    chosen = Audience.read(saved.audience, form.audience_on_screen().topic)
    return AudienceForm(newsletter=newsletter, audience=chosen), _("Ticked as in “%(name)s”.") % {"name": saved.name}


def _keep(request: HttpRequest, newsletter: Newsletter, form: AudienceForm) -> tuple[AudienceForm, str]:
    ticked, name = form.audience_on_screen(), request.POST.get("audience_name", "")
    try:
        saved = saved_audiences.save(programme=newsletter.programme, name=name, audience=ticked)
    except NewsletterError as error:
        error.add_to(form)
        return form, ""
    return AudienceForm(newsletter=newsletter, audience=ticked), _("Saved as “%(name)s”.") % {"name": saved.name}


@page("newsletters.view")
def listing(request: HttpRequest) -> HttpResponse:
    """Each with what it narrows; POST renames or throws away."""
    programme = current_frame(request).programme
    if request.method == "POST":
        return _change(request)
    saved = list(SavedAudience.objects.visible_to(request.user).filter(programme=programme))
    context = {"audiences": audiences.in_words(programme, saved)}
    context["may_change"] = request.user.has_perm("newsletters.change", programme) if programme else False
    return render(request, "newsletters/desk/audiences.html", context)


def _change(request: HttpRequest) -> HttpResponse:
    pk = request.POST.get("saved", "")
    visible = SavedAudience.objects.visible_to(request.user, "newsletters.change")
    saved = get_object_or_404(visible, pk=pk if pk.isdecimal() and len(pk) < 19 else 0)
    with refusals_shown(request):
        if request.POST.get("do") == "delete":
            saved_audiences.delete(saved=saved)
            messages.success(request, _("“%(name)s” is thrown away.") % {"name": saved.name})
        else:
            saved_audiences.rename(saved=saved, name=request.POST.get("audience_name", ""))
            messages.success(request, _("Saved."))
    return redirect("newsletters:staff-audiences")
