"""One copy of every e-mail that the house writes, in both languages, as it goes over the wire."""

import email
from email.message import EmailMessage
from email.policy import default

from django.conf import settings
from django.utils.translation import override

from mail.composing import compose
from mail.emails import KINDS
from mail.models import Delivery
from mail.services import outbox
from newsletters.services import scheduling, sending
from tests.make import both, make_event, make_newsletter, make_subscription, make_venue

NEWSLETTER = "newsletters.newsletter"
EVERY = [(kind, language) for kind in [*sorted(KINDS), NEWSLETTER] for language, _name in settings.LANGUAGES]
BODY = """Ciao %%first_name%%,

## Che cosa è successo

Il **12 marzo 2024** eravamo in [234 a Pisa](/eventi/), con 7 gruppi di lavoro.

- una [pagina di fuori](https://www.regione.toscana.it/donne)
- il 60% delle persone

[[events]]

[[results]]

[[partners]]

[[button Guarda i prossimi incontri | /eventi/]]
"""


def delivered(kind: str, language: str, programme) -> Delivery:
    """The outbox's row of one copy; `programme` is the current one."""
    if kind == NEWSLETTER:
        return _newsletter(programme, language)
    with override(language):
        context = KINDS[kind].context(*KINDS[kind].sample())
    name = "Anna Łuczak-D’Angelo"
    outbox.enqueue(key=kind, kind=kind, to="anna@example.org", name=name, context=context, language=language)
    return Delivery.objects.get(key=kind)


def parsed(delivery: Delivery) -> EmailMessage:
    return email.message_from_bytes(compose(delivery), policy=default)


def _newsletter(programme, language: str) -> Delivery:
    make_event(programme, venue=make_venue(programme))
    make_subscription(programme, first_name="Łucja", language=language)
    newsletter = make_newsletter(
        programme,
        theme=both("A che punto siamo", "How far we are"),
        subject=both("Le notizie di luglio, %%first_name%%", "The news of July, %%first_name%%"),
        body=both(BODY, BODY),
    )
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    return Delivery.objects.select_related("message__mailing").get(message__kind=NEWSLETTER)
