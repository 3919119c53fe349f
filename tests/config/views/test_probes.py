from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from config import tasks
from mail.models import Delivery, Message
from tests.make import make_event, make_registration


def make_delivery(**over) -> Delivery:
    message = Message.objects.create(kind="test", from_email="info@vlt.example", subject="Prova", text="Prova")
    return Delivery.objects.create(message=message, email="anna@example.org", mail_id=Delivery.new_mail_id(), **over)


def test_healthz_answers_without_the_database(client):
    response = client.get("/healthz")  # without the mark `django_db` a query would fail the test
    assert response.status_code == 200
    assert response.content == b"ok\n"
    assert "no-store" in response.headers["Cache-Control"]


@pytest.mark.django_db
def test_readyz_names_each_part_that_is_missing(client):
    response = client.get("/readyz")
    parts = response.json()["parts"]
    assert response.status_code == 503
    assert {name: part["ok"] for name, part in parts.items()} == {
        "database": True,
        "broker": False,
        "beat": False,
        "outbox": True,
    }
    assert "REDIS_URL" in parts["broker"]["detail"]


@pytest.mark.django_db
def test_readyz_with_a_broker_that_does_not_answer_tells_no_password(client, settings):
    settings.REDIS_URL = "redis://:secret@127.0.0.1:1/0"
    broker = client.get("/readyz").json()["parts"]["broker"]
    assert broker == {"ok": False, "detail": "ConnectionError"}


@pytest.mark.django_db
def test_beat_is_good_after_its_tick_and_bad_after_a_long_silence(client):
    tasks.tick()
    assert client.get("/readyz").json()["parts"]["beat"]["ok"] is True
    cache.set(tasks.BEAT_TICK, timezone.now() - timedelta(minutes=5))
    assert client.get("/readyz").json()["parts"]["beat"]["ok"] is False


@pytest.mark.django_db
def test_outbox_is_bad_when_a_service_message_waits_long_but_not_for_a_newsletter(client):
    long_ago = timezone.now() - timedelta(hours=1)
    make_delivery(key="newsletter:1", not_before=long_ago, priority=Delivery.Priority.BULK)
    make_delivery(key="later:1", not_before=timezone.now() + timedelta(hours=1))
    assert client.get("/readyz").json()["parts"]["outbox"]["ok"] is True
    make_delivery(key="ticket:1", not_before=long_ago)
    assert client.get("/readyz").json()["parts"]["outbox"]["ok"] is False


def test_metrics_count_by_state_and_name_nobody(client, programme):
    make_delivery(key="ticket:1")
    registration = make_registration(make_event(programme), email="anna@example.org", first_name="Annabella")
    response = client.get("/metrics")
    text = response.content.decode()
    samples = {
        (sample.name, *sorted(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }
    assert samples["convivio_deliveries", "pending"] == 1
    assert samples["convivio_registrations", "confirmed", "in_person"] == 1
    assert samples["convivio_outbox_lag_seconds",] < 60
    assert registration.first_name not in text
    assert "@" not in text
