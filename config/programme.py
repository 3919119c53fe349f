"""A whole programme from one file: each room reads its part, all that is wrong is told together, then all is written.

Called by `load_programme`, by `up` and by `demo`. One transaction: a wrong file changes nothing. Loading again updates
what the file says and keeps what people did since.
"""

from datetime import date
from pathlib import Path

from django.db import transaction

import programmes
from core.catalogue import Catalogue, CatalogueError, Problem
from events.services import loading as events
from newsletters.services import loading as newsletters
from programmes.indicators import INDICATORS
from programmes.services import loading as programme
from programmes.services.merging import Merge

CATALOGUE = Path(programmes.__file__).parent / "catalogue"


def path_of(name: str) -> Path:
    """A file, or the name of one in `programmes/catalogue/`. Raises CatalogueError with the names there are."""
    path = Path(name)
    if path.suffix == ".toml":
        return path
    path = CATALOGUE / f"{name}.toml"
    if not path.exists():
        names = ", ".join(sorted(one.stem for one in CATALOGUE.glob("*.toml")))
        raise CatalogueError([Problem(f"{name}.toml", 1, "", f"there is no such programme; there are: {names}")])
    return path


def load(name: str, shift_to: date | None = None) -> Merge:
    """Load or update a programme; with `shift_to` all its days move by whole weeks, to begin near that day.

    Without `shift_to` the days stay moved as they are. The day on which the file itself begins moves them back.
    Raises CatalogueError with every problem of the file.
    """
    catalogue = Catalogue.open(path_of(name))
    part = programme.read(catalogue, INDICATORS)
    events_part = events.read(catalogue, part)
    newsletters_part = newsletters.read(catalogue, part)
    catalogue.finish()
    if shift_to:
        part.shift_to(shift_to)
    with transaction.atomic():
        merge = programme.load(part)
        events.load(events_part, part, merge, catalogue)
        newsletters.load(newsletters_part, part, merge, catalogue)
        catalogue.finish()
    return merge
