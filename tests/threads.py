"""Many people at the same moment, each with a connection of her own."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection


def all_at_once(work, number=50):
    """Run `work(n)` in `number` threads that start together, each with its own connection; return what each gave."""
    ready = Barrier(number)

    def run(n):
        try:
            connection.ensure_connection()
            ready.wait(timeout=30)
            return work(n)
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return list(pool.map(run, range(number)))
