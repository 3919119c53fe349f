"""Whoever wants to write on SQLite gets her turn, however many others come again and again."""

import time

import pytest
from django.db import connection, transaction

from programmes.models import Programme
from tests.make import make_programme
from tests.threads import all_at_once

THREADS, SECONDS = 8, 3


@pytest.mark.alone
@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL has a queue of its own")
@pytest.mark.django_db(transaction=True)
def test_nobody_is_passed_by_for_long():
    programme = make_programme()

    def write(n):
        over, longest = time.monotonic() + SECONDS, 0
        while (began := time.monotonic()) < over:
            with transaction.atomic():
                longest = max(longest, time.monotonic() - began)
                Programme.objects.filter(pk=programme.pk).update(short_name=str(n))
                time.sleep(0.004)
        return longest

    assert max(all_at_once(write, THREADS)) < SECONDS / 2
