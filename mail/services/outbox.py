"""Puts messages into the outbox, in the transaction of what caused them.

Called by every room that has something to say. A message is unique by its key: asking twice is asking once. The worker
is woken after commit; if that call is lost, the timetable finds the row. Sending is `sending`.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Case, CharField, Func, Q, QuerySet, Value, When
from django.db.models.functions import Concat
from django.utils import timezone

from core.addresses import normalise_email
from mail import emails, tasks
from mail.composing import Places
from mail.models import Delivery, Mailing, Message

MANY = 1000
AUTOMATIC = {"Auto-Submitted": "auto-generated"}
TAKEN_BACK = "taken back: "
"""Before the reason of a copy that was taken back while its last byte was on the way."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes along.

    With `inline_id` it is an image of the HTML part (`cid:<inline_id>`); as an alternative it is another form of the
    message itself, such as `text/calendar; method=REQUEST`.
    """

    name: str
    content: bytes
    type: str
    inline_id: str = ""
    is_alternative: bool = False

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "type": self.type,
            "inline_id": self.inline_id,
            "is_alternative": self.is_alternative,
            "base64": base64.b64encode(self.content).decode(),
        }


@transaction.atomic
def enqueue(
    *,
    key: str,
    kind: str,
    to: str,
    context: dict[str, Any],
    language: str,
    name: str = "",
    priority: int = Delivery.Priority.SERVICE,
    attachments: Iterable[Attachment] = (),
    headers: dict[str, str] | None = None,
    reply_to: str = "",
    not_before: datetime | None = None,
) -> Delivery:
    """Owe the e-mail `kind` to one person. The same `key` again returns the row that is there."""
    known = Delivery.objects.filter(key=key).first()
    if known:
        return known
    rendered = emails.render(kind, context, language)
    message = add_message(
        kind=kind,
        language=language,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        headers={**AUTOMATIC, **(headers or {})},
        attachments=attachments,
        reply_to=reply_to,
    )
    return add_delivery(
        key=key, message=message, to=to, name=name, priority=priority, not_before=not_before or timezone.now()
    )


def add_delivery(*, key: str, message: Message, to: str, **fields: Any) -> Delivery:
    """Owe `message` to one person. Two transactions with the same key at once: one row, and both get it."""
    delivery, _ = Delivery.objects.get_or_create(
        key=key,
        defaults={"message": message, "email": normalise_email(to), "mail_id": Delivery.new_mail_id(), **fields},
    )
    wake()
    return delivery


def add_deliveries(deliveries: Iterable[Delivery]) -> None:
    """Owe many messages, built by `a_delivery`, at once. A key that is there already is left as it is."""
    Delivery.objects.bulk_create(deliveries, batch_size=MANY // 2, ignore_conflicts=True)
    wake()


def a_delivery(*, key: str, message: Message, to: str, **fields: Any) -> Delivery:
    """One of many, not owed yet."""
    return Delivery(key=key, message=message, email=normalise_email(to), mail_id=Delivery.new_mail_id(), **fields)


def add_message(
    *,
    kind: str,
    language: str,
    subject: str,
    text: str,
    html: str = "",
    from_email: str = "",
    reply_to: str = "",
    headers: dict[str, str] | None = None,
    attachments: Iterable[Attachment] = (),
    mailing: Mailing | None = None,
    places: Places | None = None,
) -> Message:
    """Keep what is said. Its deliveries may fill `%%name%%` places, in headers too, from `Delivery.personal`.

    `places` gives some of them a field, what stands before it and a word for those of whom it is not known.
    """
    return Message.objects.create(
        mailing=mailing,
        kind=kind,
        language=language,
        from_email=from_email or settings.DEFAULT_FROM_EMAIL,
        reply_to=reply_to,
        subject=subject[:250],
        text=text,
        html=html,
        headers=headers or {},
        places=places or {},
        attachments=[attachment.as_json() for attachment in attachments],
    )


def open_mailing(*, key: str) -> tuple[Mailing, bool]:
    """The mailing of that name and whether it was made now."""
    return Mailing.objects.get_or_create(key=key)


def owe_each(people: QuerySet, **columns: Any) -> int:
    """Owe one message to each row of `people`, in one statement however many they are; returns how many it wrote.

    `columns` are expressions over those rows: `key`, `message`, `email`, and what else is not a Delivery's default. A
    key that is there already is left as it is. The rows of `people` stay locked until the transaction ends.
    """
    columns = _usual_columns() | columns
    named = connection.ops.quote_name
    chosen = people.annotate(**{f"owed_{name}": value for name, value in columns.items()})
    select, parameters = chosen.values_list(*(f"owed_{name}" for name in columns)).query.sql_with_params()
    if connection.features.has_select_for_update_of:
        select += f" FOR UPDATE OF {named(people.model._meta.db_table)}"
    into = ", ".join(named(Delivery._meta.get_field(name).column) for name in columns)
    write = f"INSERT INTO {named(Delivery._meta.db_table)} ({into}) {select} ON CONFLICT DO NOTHING"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(write, parameters)
        written = cursor.rowcount
        if written > MANY and connection.vendor == "postgresql":
            cursor.execute(f"ANALYZE {named(Delivery._meta.db_table)}")  # else it claims by the plan of a small table
    wake()
    return written


class _Random(Func):
    """128 random bits as text, drawn by the database for each row."""

    arity = 0
    output_field = CharField()

    def as_sqlite(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="lower(hex(randomblob(16)))", **context)

    def as_postgresql(self, compiler, connection, **context):
        return self.as_sql(compiler, connection, template="gen_random_uuid()::text", **context)


def _usual_columns() -> dict[str, Any]:
    fields = [field for field in Delivery._meta.concrete_fields if not (field.primary_key or field.generated)]
    usual = {field.name: Value(field.get_default(), field) for field in fields if field.has_default() or field.blank}
    return usual | {"mail_id": Concat(Value("<"), _Random(), Value(f"@{settings.SITE_HOST}>"))}


def take_back(deliveries: QuerySet[Delivery], *, reason: str) -> None:
    """Those that have not left stay here, left out for `reason`.

    One that is being handed over in this moment may still arrive; when it does not, it is left out then (`sending`).
    The states are looked at in the rows themselves: what a worker changes meanwhile is seen, and nothing is left out
    that somebody has.
    """
    is_leaving = Q(state=Delivery.State.SENDING)
    still_here = [Delivery.State.PENDING, Delivery.State.LEASED, Delivery.State.SENDING]
    Delivery.objects.filter(pk__in=deliveries.order_by().values("pk"), state__in=still_here).update(
        state=Case(When(is_leaving, then=Value(Delivery.State.SENDING)), default=Value(Delivery.State.EXCLUDED)),
        reason=Case(When(is_leaving, then=Value(TAKEN_BACK + reason)), default=Value(reason)),
    )


def set_mailing_state(mailing: Mailing, state: str) -> None:
    """Pause, go on, or stop for good: felt by every worker before its next message leaves."""
    Mailing.objects.filter(pk=mailing.pk).exclude(state=Mailing.State.CANCELLED).update(state=state)
    mailing.refresh_from_db()
    if state == Mailing.State.RUNNING:
        wake()


def wake() -> None:
    """Tell the worker, after commit, that there is something to send."""
    tasks.drain.delay_on_commit(is_patient=False)
