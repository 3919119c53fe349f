"""A reader's own pages: asking for the newsletter, confirming, choosing, leaving. No login: the link is hers alone.

Mail programs and link scanners open every link they see, so a GET never changes anything; a button does. The one
exception in the other direction is RFC 8058: mail programs unsubscribe with a POST that has no cookie and no token of
ours, which must act at once.
"""

from functools import wraps

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.errors import refusals_shown
from core.limits import client_of
from core.public_page import public_page
from newsletters.forms.reader import PreferencesForm, SubscribeForm
from newsletters.models import Proof, Subscription
from newsletters.services import NewsletterError, composing, subscriptions
from programmes.context import current_frame
from programmes.models import Programme


def own_page(view):
    """The subscription whose token is in the address, or 404 without a hint. Never cached. The links of a trial copy
    are nobody's and say so."""

    @never_cache
    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        if token == composing.NOBODY:
            return render(request, "newsletters/trial.html")
        subscription = get_object_or_404(Subscription.objects.select_related("programme", "territory"), token=token)
        return view(request, subscription)

    return found


BOXES = {"1": "site:home", "2": "site:newsletter"}
"""Where a form of one field stood, by what it says of itself."""


@csrf_exempt
@public_page()
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and the answer that is the same for every address: "look into your mail".

    Without a token against posts from other sites: anybody may write any address here, and only its owner's click in
    the mail subscribes it. So it reads and writes no cookie and no session, and the pages with the form can be kept.
    """
    programme = current_frame(request).programme
    if programme is None:
        return redirect("newsletters:archive")
    form = SubscribeForm(request.POST or None, programme=programme)
    if request.method == "POST" and form.is_valid():
        source = BOXES.get(request.POST.get("box", ""), "site:subscribe")
        about = {"source": source, "client": client_of(request), "language": get_language()}
        try:
            subscriptions.subscribe(programme=programme, **about, **form.cleaned_data)
        except NewsletterError as refusal:
            refusal.add_to(form)
            return _form(request, form, programme, refusal.status)
        return render(request, "newsletters/asked.html", {"email": form.cleaned_data["email"]})
    return _form(request, form, programme)


def _form(request: HttpRequest, form: SubscribeForm, programme: Programme, status: int = 200) -> HttpResponse:
    context = {"form": form, "consent_text": subscriptions.consent_text(programme)}
    return render(request, "newsletters/subscribe.html", context, status=status)


@never_cache
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """GET shows the button, POST confirms; 404 when the link is over or never was one."""
    try:
        if request.method == "POST":
            subscriptions.confirm(token=token, client=client_of(request))
        proof = subscriptions.asked_with(token)
    except NewsletterError as refusal:
        return render(request, "newsletters/confirm.html", {"error": refusal.message}, status=404)
    return render(request, "newsletters/confirm.html", {"proof": proof, "subscription": proof.subscription})


@own_page
def preferences(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """Topics, province, place of work, language, name; and the way back for who has left, by a mail."""
    if request.method == "POST" and "again" in request.POST:
        with refusals_shown(request):
            subscriptions.ask_again(subscription=subscription, source="site:preferences", client=client_of(request))
            return render(request, "newsletters/asked.html", {"email": subscription.email})
        return redirect("newsletters:preferences", subscription.token)
    form = PreferencesForm(request.POST or None, instance=subscription)
    if request.method == "POST" and form.is_valid():
        subscription = subscriptions.update_preferences(subscription=subscription, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("newsletters:preferences", subscription.token)
    context = {"subscription": subscription, "form": form, "has_left": subscription.state == Subscription.State.ENDED}
    context["consent_text"] = subscriptions.consent_text(subscription.programme)
    return render(request, "newsletters/preferences.html", context)


@csrf_exempt
@own_page
def unsubscribe(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """RFC 8058: a POST acts at once and is answered 200; a GET shows the button that makes one. A mail program says
    `List-Unsubscribe=One-Click`; whatever else is posted counts as the page's button. For the token is the proof, and
    some programs post another body or none: who asks to leave must not stay for how her program says so."""
    if request.method == "POST":
        is_mail_program = request.POST.get("List-Unsubscribe") == "One-Click"
        by = Proof.End.ONE_CLICK if is_mail_program else Proof.End.UNSUBSCRIBED
        subscriptions.unsubscribe(subscription=subscription, by=by)
    has_left = subscription.state == Subscription.State.ENDED
    return render(request, "newsletters/unsubscribe.html", {"subscription": subscription, "has_left": has_left})
