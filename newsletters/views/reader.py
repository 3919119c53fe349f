"""A reader's own pages: asking for the newsletter, confirming, choosing, leaving. No login: the link is hers alone.

Mail programs and link scanners open every link they see, so a GET never changes anything; a button does. The one
exception in the other direction is RFC 8058: mail programs unsubscribe with a POST that has no cookie and no token of
ours, which must act at once.
"""

from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt

from core.public_page import public_page
from newsletters.forms import PreferencesForm, SubscribeForm
from newsletters.models import Subscription
from newsletters.services import NewsletterError, subscriptions
from programmes.context import current_frame


def own_page(view):
    """The subscription whose token is in the address, or 404 without a hint. Never cached."""

    @never_cache
    @wraps(view)
    def found(request: HttpRequest, token: str) -> HttpResponse:
        subscription = get_object_or_404(Subscription.objects.select_related("programme", "territory"), token=token)
        return view(request, subscription)

    return found


@csrf_exempt
@public_page()
def subscribe(request: HttpRequest) -> HttpResponse:
    """The form, and the answer that is the same for every address: "look into your mail".

    Without a token against posts from other sites: anybody may write any address here, and only its owner's click in
    the mail subscribes it. So it reads and writes no cookie and no session, and the pages with the form can be kept.
    """
    programme = current_frame(request).programme
    if programme is None:
        raise Http404
    form = SubscribeForm(request.POST or None, programme=programme)
    if request.method == "POST" and form.is_valid():
        source = "site:home" if "box" in request.POST else "site:subscribe"
        subscriptions.subscribe(programme=programme, source=source, language=get_language(), **form.cleaned_data)
        return render(request, "newsletters/asked.html", {"email": form.cleaned_data["email"]})
    context = {"form": form, "consent_text": subscriptions.consent_text(programme)}
    return render(request, "newsletters/subscribe.html", context)


@own_page
def confirm(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """GET shows the button, POST confirms."""
    error = ""
    if request.method == "POST":
        try:
            subscription = subscriptions.confirm(subscription=subscription)
        except NewsletterError as refusal:
            error = refusal.message
    context = {"subscription": subscription, "error": error, "is_active": subscription.state == "active"}
    return render(request, "newsletters/confirm.html", context)


@own_page
def preferences(request: HttpRequest, subscription: Subscription) -> HttpResponse:
    """Name, province, language; and the way back for who has left."""
    if request.method == "POST" and "again" in request.POST:
        subscriptions.resubscribe(subscription=subscription, source="site:preferences")
        messages.success(request, _("Welcome back: the next newsletter will reach you."))
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
    """RFC 8058: a POST acts at once and is answered 200; a GET shows the button that makes one."""
    if request.method == "POST":
        subscriptions.unsubscribe(subscription=subscription)
    has_left = subscription.state == Subscription.State.ENDED
    return render(request, "newsletters/unsubscribe.html", {"subscription": subscription, "has_left": has_left})
