"""SQLite lets one write at a time and wakes nobody: who waits looks again every tenth of a second, whoever comes looks
at once. In a rush the one who waits longest is passed by all others until she is told "database is locked".

So the threads of a process ask in turn: one of them waits for the database, the others wait for her. PostgreSQL has a
queue of its own and is left alone.
"""

from threading import Lock

from django.db.backends.signals import connection_created
from django.dispatch import receiver

_turn = Lock()


@receiver(connection_created, dispatch_uid="config.sqlite")
def ask_in_turn(sender, connection, **kwargs):
    if connection.vendor == "sqlite" and _in_turn not in connection.execute_wrappers:
        connection.execute_wrappers.append(_in_turn)


def _in_turn(execute, sql, params, many, context):
    if not sql.startswith("BEGIN"):
        return execute(sql, params, many, context)
    with _turn:
        return execute(sql, params, many, context)
