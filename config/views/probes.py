"""What watches over the system may ask: is the process alive, is everything it needs there, how much is going on.

`/healthz` touches nothing and tells whether to restart this process. `/readyz` names each part that people would miss
(database, broker, the beat that looks after what was lost, the outbox) and answers 503 when one is bad. `/metrics` is
for Prometheus. None of them holds anything about a person.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta

import redis
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily

from config.tasks import BEAT_TICK
from mail.models import Delivery, Feedback
from newsletters.models import Subscription
from registrations.models import Registration, Scan

LONGEST_SILENCE = timedelta(seconds=90)
LONGEST_LAG = timedelta(minutes=10)
SECONDS_TO_ANSWER = 2


class Bad(Exception):
    """A part that does not do its work, with the words that say so."""


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    parts = {}
    for name, look in {"database": _database, "broker": _broker, "beat": _beat, "outbox": _outbox}.items():
        parts[name] = _looked_at(look)
    is_ready = all(part["ok"] for part in parts.values())
    return JsonResponse({"ready": is_ready, "parts": parts}, status=200 if is_ready else 503)


@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    registry = CollectorRegistry()
    registry.register(_Figures())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def outbox_lag() -> timedelta:
    """How long the oldest message to a single person has been waiting; newsletters take the time they take."""
    due = Delivery.objects.due().filter(priority__gt=Delivery.Priority.BULK)
    oldest = due.order_by("not_before").values_list("not_before", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()


def _looked_at(look: Callable[[], str]) -> dict:
    try:
        return {"ok": True, "detail": look()}
    except Bad as bad:
        return {"ok": False, "detail": str(bad)}
    except Exception as error:
        return {"ok": False, "detail": type(error).__name__}  # its text may hold an address or a password


def _database() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return connection.vendor


def _broker() -> str:
    if not settings.REDIS_URL:
        raise Bad("REDIS_URL is not set")
    with redis.Redis.from_url(
        settings.REDIS_URL, socket_timeout=SECONDS_TO_ANSWER, socket_connect_timeout=SECONDS_TO_ANSWER
    ) as client:
        client.ping()
    return "redis"


def _beat() -> str:
    last = cache.get(BEAT_TICK)
    if last is None:
        raise Bad("no tick yet: are beat and a worker running?")
    silence = timezone.now() - last
    if silence > LONGEST_SILENCE:
        raise Bad(f"last tick {silence.total_seconds():.0f} s ago")
    return f"last tick {silence.total_seconds():.0f} s ago"


def _outbox() -> str:
    lag = outbox_lag()
    if lag > LONGEST_LAG:
        raise Bad(f"a message has been waiting for {lag.total_seconds():.0f} s")
    return f"lag {lag.total_seconds():.0f} s"


class _Figures:
    """Counted when asked, in the database: the same for every process of every host."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield _by("convivio_deliveries", "E-mails by state", Delivery, "state")
        yield _by("convivio_feedback", "What came back about e-mails, by kind and by way", Feedback, "kind", "source")
        yield _by("convivio_registrations", "Registrations by state and mode", Registration, "state", "mode")
        yield _by("convivio_scans", "Tickets scanned, by answer", Scan, "status")
        yield _by("convivio_subscriptions", "Newsletter subscriptions by state", Subscription, "state")
        yield GaugeMetricFamily(
            "convivio_outbox_lag_seconds",
            "How long the oldest due message to a single person has been waiting",
            value=outbox_lag().total_seconds(),
        )
        last = cache.get(BEAT_TICK)
        yield GaugeMetricFamily(
            "convivio_beat_last_tick_timestamp_seconds",
            "When beat and a worker last did their round",
            value=last.timestamp() if last else 0,
        )


def _by(name: str, text: str, model, *fields: str) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, text, labels=fields)
    for row in model.objects.order_by().values(*fields).annotate(count=Count("pk")):
        family.add_metric([str(row[field]) for field in fields], row["count"])
    return family
