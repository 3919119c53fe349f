"""Whether anybody got a newsletter twice or never, said from what the mail server wrote down itself.

Beside it stands what the outbox believes. The two must agree about every single person: "sent" is in the log exactly
once, "left out" and "refused" never, and who is missing is named as in doubt. Knows neither Django nor how it was sent.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

SENT, UNCERTAIN = "sent", "uncertain"
NEVER_SENT = {"excluded", "failed"}
SHOWN = 5


@dataclass(frozen=True)
class Accepted:
    """One message that the mail server took."""

    at: float
    connection: int
    mail_id: str
    email: str


@dataclass(frozen=True)
class Kept:
    """One person as the outbox has her."""

    email: str
    mail_id: str
    state: str


def read(log: Path) -> list[Accepted]:
    """A last line without its end is one that is being written."""
    lines = log.read_text(encoding="utf-8").split("\n")[:-1] if log.exists() else []
    return [
        Accepted(float(at), int(connection), mail_id, email)
        for at, connection, mail_id, email in (line.split("\t") for line in lines)
    ]


def violations(accepted: Iterable[Accepted], kept: Iterable[Kept], people: set[str], doubts_allowed: int) -> list[str]:
    """What went wrong, a sentence each; empty when all is well. `people` are all who were in the audience."""
    rows = {row.email: row for row in kept}
    times = Counter(one.email for one in accepted)
    ids = {one.email: one.mail_id for one in accepted}

    def those(state: str, *, arrived: bool) -> list[str]:
        return [email for email, row in rows.items() if row.state == state and (email in times) == arrived]

    uncertain = [email for email, row in rows.items() if row.state == UNCERTAIN]
    settled = {SENT, UNCERTAIN, *NEVER_SENT}
    found = {
        "got it twice": [email for email, number in times.items() if number > 1],
        "got it and is not in the audience": [email for email in times if email not in rows],
        "is in the audience and not in the outbox": sorted(people - rows.keys()),
        "is sent, says the outbox, and never arrived": those(SENT, arrived=False),
        "is not to get it, says the outbox, and got it": [
            email for state in NEVER_SENT for email in those(state, arrived=True)
        ],
        "got it under another Message-ID": [email for email in rows.keys() & ids if rows[email].mail_id != ids[email]],
        "is still open": [email for email, row in rows.items() if row.state not in settled],
        f"is in doubt, more than the {doubts_allowed} that died in the act": uncertain[doubts_allowed:],
    }
    return [_sentence(what, who) for what, who in found.items() if who]


def _sentence(what: str, who: list[str]) -> str:
    more = f" and {len(who) - SHOWN} more" if len(who) > SHOWN else ""
    return f"{len(who)} × {what}: {', '.join(who[:SHOWN])}{more}"


def is_awake(accepted: list[Accepted], kept: list[Kept], people: set[str], doubts_allowed: int) -> bool:
    """The negative control: the same verdict over the same log with one line doubled, and with one line lost."""
    sent = {row.email for row in kept if row.state == SENT}
    one = next(line for line in accepted if line.email in sent)
    doubled = violations([*accepted, one], kept, people, doubts_allowed)
    lost = violations([line for line in accepted if line != one], kept, people, doubts_allowed)
    return any("twice" in said for said in doubled) and any("never arrived" in said for said in lost)
