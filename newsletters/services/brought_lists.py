"""The file of a list between its dry run and the yes: kept out of everybody's reach, for a day at most.

Only who brought it can go on with it, by a signed ticket that names it. It is thrown away when it was imported or given
up, and by the timetable (`retention.forget`) when somebody just closed the page.
"""

from datetime import timedelta

from django.core import signing
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from core.names import one_line
from core.tokens import link_token
from newsletters.services import NewsletterError

FOLDER = "brought_lists"
KEPT_FOR = timedelta(days=1)
SALT = "newsletters.brought_lists"


def keep(*, content: bytes, name: str, by: User) -> str:
    """The ticket with which `by` may go on."""
    path = _storage().save(f"{FOLDER}/{link_token()}.csv", ContentFile(content))
    return signing.dumps({"path": path, "name": one_line(name)[:80], "by": by.pk}, salt=SALT)


def take(*, ticket: str, by: User) -> tuple[str, bytes]:
    """Name and content, and the file is gone. Error `list_gone`: used already, too old, or brought by somebody else."""
    try:
        kept = signing.loads(ticket, salt=SALT, max_age=KEPT_FOR)
        if kept["by"] != by.pk:
            raise signing.BadSignature
        with _storage().open(kept["path"]) as file:
            content = file.read()
    except (signing.BadSignature, OSError) as error:
        raise NewsletterError("list_gone", _("This file is not here any more: bring it again.")) from error
    _storage().delete(kept["path"])
    return kept["name"], content


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
