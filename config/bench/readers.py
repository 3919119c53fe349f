"""Many people who read newsletters, and a newsletter of 20 kB for them."""

from django.utils import timezone
from i18nfield.strings import LazyI18nString

from mail.models import Suppression
from newsletters.models import Newsletter, Subscription
from programmes.models import Programme

AT_ONCE = 5000
PARAGRAPH = (
    "La conciliazione tra vita e lavoro si costruisce insieme: imprese, sindacati ed enti locali raccontano **che cosa "
    "funziona**, con numeri alla mano. Il prossimo incontro è a [Pisa](/eventi/seminario-pisa/), in presenza e online. "
)
LEFT_OUT = [Subscription.State.ENDED, Subscription.State.PENDING]


def subscribe(programme: Programme, number: int, *, word: str = "reader", left_out: int = 0) -> None:
    """`number` people who get newsletters, and `left_out` more who do not: they left, never confirmed, or bounced."""
    now, territories = timezone.now(), list(programme.territories.all())
    for begin in range(0, number + left_out, AT_ONCE):
        numbers = range(begin, min(begin + AT_ONCE, number + left_out))
        Subscription.objects.bulk_create(
            Subscription(
                programme=programme,
                email=f"{word}.{n}@host{n % 50}.example.org",
                first_name="Niccolò" if n % 3 else "",
                last_name="D’Angelo",
                territory=territories[n % len(territories)],
                language="en" if n % 10 == 0 else "it",
                state=Subscription.State.ACTIVE if n < number or n % 3 == 2 else LEFT_OUT[n % 3],
                confirmed_at=now,
                ended_at=now,
            )
            for n in numbers
        )
        Suppression.objects.bulk_create(
            Suppression(email=f"{word}.{n}@host{n % 50}.example.org", reason=Suppression.Reason.BOUNCED)
            for n in numbers
            if n >= number and n % 3 == 2
        )


def newsletter(programme: Programme, slug: str, *, paragraphs: int = 21) -> Newsletter:
    """A draft; with 21 paragraphs one copy has about 20 kB on the wire."""
    body = "Ciao %%first_name%%,\n\n" + "\n\n".join([PARAGRAPH] * paragraphs)
    return Newsletter.objects.create(
        programme=programme,
        slug=slug,
        due_on=timezone.localdate(),
        subject=LazyI18nString({"it": "A che punto siamo", "en": "How far we are"}),
        body=LazyI18nString({"it": body, "en": body}),
    )
