"""Where a mail provider posts its notices. Who does not know the secret changes nothing; without one there is no page.

django-anymail checks the secret and reads the notice; `mail.receivers` hears it. A page a provider, for those that
relay mail by SMTP and need no further package.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

NO_NOTICE = (ValueError, LookupError, TypeError, AttributeError, RecursionError)


class _Careful:
    """What is no notice is a bad request, not a failure of ours."""

    def run_validators(self, request: HttpRequest) -> None:
        with _bad_request():
            super().run_validators(request)

    def parse_events(self, request: HttpRequest) -> list:
        with _bad_request():
            return super().parse_events(request)


@contextmanager
def _bad_request() -> Iterator[None]:
    try:
        yield
    except NO_NOTICE as error:
        raise SuspiciousOperation("a webhook was given no notice") from error


class Brevo(_Careful, BrevoTrackingWebhookView):
    pass


class Mailgun(_Careful, MailgunTrackingWebhookView):
    pass


class Mailjet(_Careful, MailjetTrackingWebhookView):
    pass


class Postmark(_Careful, PostmarkTrackingWebhookView):
    pass


PROVIDERS = {"brevo": Brevo, "mailgun": Mailgun, "mailjet": Mailjet, "postmark": Postmark}


@csrf_exempt
def tracking(request: HttpRequest, provider: str) -> HttpResponse:
    keys = settings.ANYMAIL
    is_open = keys["WEBHOOK_SECRET"] and (provider != "mailgun" or keys["MAILGUN_WEBHOOK_SIGNING_KEY"])
    if not is_open or provider not in PROVIDERS:
        raise Http404
    return PROVIDERS[provider].as_view()(request)
