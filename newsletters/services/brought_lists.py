"""The file of a list from its dry run until it is imported: kept out of everybody's reach.

Only who brought it can go on with it, by a signed ticket that names it. With a yes it lies among the agreed ones, which
a worker brings in, some hundred rows at a time: a long list holds up nobody, and one that a dying worker left half done
is taken up again, as who is there already stays as she is. Without a word it is thrown away after a day
(`retention.forget`).
"""

import base64
import json
import logging
from datetime import timedelta

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.names import one_line
from core.tokens import link_token
from newsletters import tasks
from newsletters.services import NewsletterError, importing, tables
from programmes.models import Programme

log = logging.getLogger(__name__)
FOLDER = "brought_lists"
AGREED = "agreed_lists"
KEPT_FOR = timedelta(days=1)
SALT = "newsletters.brought_lists"


def keep(*, content: bytes, name: str, by: User) -> str:
    """The ticket with which `by` may go on."""
    path = _storage().save(f"{FOLDER}/{link_token()}.csv", ContentFile(content))
    return signing.dumps({"path": path, "name": one_line(name)[:80], "by": by.pk}, salt=SALT)


def give_up(*, ticket: str, by: User) -> None:
    """Throw it away. Error `list_gone`."""
    _storage().delete(_open(ticket, by)["path"])


def agree(*, ticket: str, by: User, programme: Programme) -> None:
    """Let a worker bring it in. Error `list_gone`: used already, too old, or brought by somebody else."""
    kept, storage = _open(ticket, by), _storage()
    with storage.open(kept["path"]) as file:
        content = base64.b64encode(file.read()).decode()
    note = {"programme": programme.pk, "name": kept["name"], "table": content}
    storage.save(f"{AGREED}/{link_token()}.json", ContentFile(json.dumps(note)))
    storage.delete(kept["path"])
    tasks.import_lists.delay_on_commit()


def import_agreed() -> int:
    """Bring in what was agreed to; returns how many lists. May run twice, at once too."""
    storage, done = _storage(), 0
    names = storage.listdir(AGREED)[1] if storage.exists(AGREED) else []
    for name in names:
        try:
            with storage.open(f"{AGREED}/{name}") as file:
                note = json.load(file)
        except FileNotFoundError:  # another worker was faster
            continue
        programme = Programme.objects.filter(pk=note["programme"]).first()
        wrong = _import(programme, note) if programme else 0
        if wrong:
            log.warning("list %s: %d rows were right when it was tried and are not any more", name, wrong)
        storage.delete(f"{AGREED}/{name}")
        done += 1
    return done


def _import(programme: Programme, note: dict) -> int:
    """Returns how many rows are wrong; those around them stay out too."""
    rows = tables.read_table(base64.b64decode(note["table"]))
    reports = [
        importing.import_subscribers(programme=programme, rows=some, source=note["name"], dry_run=False)
        for some in importing.by_many(rows)
    ]
    return sum(report.wrong_rows for report in reports)


def _open(ticket: str, by: User) -> dict:
    try:
        kept = signing.loads(ticket, salt=SALT, max_age=KEPT_FOR)
        if kept["by"] == by.pk and _storage().exists(kept["path"]):
            return kept
    except signing.BadSignature:
        pass
    raise NewsletterError("list_gone", _("This file is not here any more: bring it again."))


def forget_old() -> None:
    """Throw away what nobody came back for."""
    storage, before = _storage(), timezone.now() - KEPT_FOR
    if not storage.exists(FOLDER):
        return
    for name in storage.listdir(FOLDER)[1]:
        if storage.get_modified_time(f"{FOLDER}/{name}") < before:
            storage.delete(f"{FOLDER}/{name}")


def _storage() -> Storage:
    return storages["private"]
