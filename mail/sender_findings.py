"""All that the check of the sender can find, in words: what it is about, how bad it is, what it means and what to do.

`services.deliverability` says which of these it found, with the names and numbers that belong in the sentence; only
codes and values are kept, so that everybody reads an old check in her own language.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from mail.models import SenderCheck

GOOD, WARNING, MISSING, UNKNOWN = SenderCheck.State

SUBJECTS = {
    "from": _("The sender’s address"),
    "spf": _("SPF: which servers may send for you"),
    "dkim": _("DKIM: the signature"),
    "dmarc": _("DMARC: what happens to forgeries"),
    "reverse": _("The server’s name"),
    "bounces": _("What comes back"),
    "tls": _("The way to the mail server"),
}

FINDINGS: dict[str, tuple[str, str, Promise]] = {
    "no_answer": (
        "",
        UNKNOWN,
        _("The DNS did not answer just now, so nothing is known about it. Check again in a while."),
    ),
    "from_good": ("from", GOOD, _("Mail comes from %(domain)s, and its links lead to the same domain.")),
    "from_differs": (
        "from",
        WARNING,
        _(
            "Mail comes from %(domain)s, but its links lead to %(site)s. Filters and people trust mail less "
            "whose links lead elsewhere: use an address of the site’s own domain (DEFAULT_FROM_EMAIL)."
        ),
    ),
    "from_not_public": (
        "from",
        MISSING,
        _(
            "%(domain)s is no domain that anybody outside can look up: mail from it is refused. Set "
            "DEFAULT_FROM_EMAIL to an address of your own domain."
        ),
    ),
    "spf_good": (
        "spf",
        GOOD,
        _("The record of %(domain)s names the mail server %(relay)s, with %(lookups)s of at most 10 look-ups."),
    ),
    "spf_missing": (
        "spf",
        MISSING,
        _(
            "%(domain)s does not say which servers may send for it. Gmail and others refuse or hide such mail. "
            "Add this line:"
        ),
    ),
    "spf_several": (
        "spf",
        WARNING,
        _("%(domain)s has %(number)s SPF records. Receivers then obey none of them: put them together into one."),
    ),
    "spf_broken": ("spf", WARNING, _("Receivers cannot read the record of %(domain)s, because of “%(term)s”.")),
    "spf_lookups": (
        "spf",
        WARNING,
        _(
            "The record of %(domain)s needs %(lookups)s look-ups; beyond 10 receivers give up. Take out what "
            "you no longer use."
        ),
    ),
    "spf_open": ("spf", WARNING, _("The record of %(domain)s lets everybody send in your name. End it with “~all”.")),
    "spf_elsewhere": (
        "spf",
        WARNING,
        _(
            "The record of %(domain)s does not name %(addresses)s, the addresses of %(relay)s. If the mail "
            "server sends from these, change the record to this; some providers send from others: then theirs "
            "is the word that counts."
        ),
    ),
    "spf_unseen": (
        "spf",
        UNKNOWN,
        _(
            "%(domain)s has a record. The mail server %(relay)s stands on this machine or in a private network:"
            " from here nobody sees with which address it sends."
        ),
    ),
    "dkim_good": ("dkim", GOOD, _("Convivio signs every message, and receivers find the right key.")),
    "dkim_missing": (
        "dkim",
        MISSING,
        _(
            "Convivio signs every message, but receivers do not find the key, so the signature counts for "
            "nothing. Add this line:"
        ),
    ),
    "dkim_differs": (
        "dkim",
        WARNING,
        _(
            "Convivio signs every message, but under this name receivers find another key: they take our mail "
            "for forged. Change the line to this:"
        ),
    ),
    "dkim_relay": (
        "dkim",
        GOOD,
        _(
            "The mail server signs, and its key “%(selector)s” is there. Whether it really signs shows in a "
            "mail that has arrived: its source has a line DKIM-Signature with d=%(domain)s."
        ),
    ),
    "dkim_relay_missing": (
        "dkim",
        MISSING,
        _(
            "Under “%(selector)s” (DKIM_SELECTOR) receivers find no key. Whoever runs the mail server has the "
            "line to add; or let Convivio sign (DKIM_KEY)."
        ),
    ),
    "dkim_unknown": (
        "dkim",
        UNKNOWN,
        _(
            "If anybody signs, it is the mail server. Open the source of a mail that has arrived: a line DKIM-"
            "Signature with d=%(domain)s is right, and its s= belongs into DKIM_SELECTOR, so that we can check "
            "the key. Without such a line, ask the provider to sign, or let Convivio do it (DKIM_KEY)."
        ),
    ),
    "dmarc_good": ("dmarc", GOOD, _("Forged mail in your name is put aside or refused (policy “%(policy)s”).")),
    "dmarc_watch": (
        "dmarc",
        GOOD,
        _(
            "You are told about forged mail (policy “none”). When the reports show that your own mail is in "
            "order, write p=quarantine."
        ),
    ),
    "dmarc_blind": (
        "dmarc",
        WARNING,
        _(
            "Forged mail is let through and nobody is told (policy “none” without an address for reports). "
            "Change the line to this:"
        ),
    ),
    "dmarc_missing": (
        "dmarc",
        MISSING,
        _(
            "%(domain)s does not say what to do with forged mail. Gmail, Yahoo and Microsoft ask for it from "
            "whoever writes to many. Add this line:"
        ),
    ),
    "dmarc_several": (
        "dmarc",
        WARNING,
        _("There are %(number)s DMARC records; receivers then obey none of them. Keep one."),
    ),
    "dmarc_broken": (
        "dmarc",
        WARNING,
        _("The record has no policy that receivers know (p=none, quarantine or reject)."),
    ),
    "reverse_good": ("reverse", GOOD, _("The addresses of %(relay)s have a name, and the name leads back to them.")),
    "reverse_missing": (
        "reverse",
        MISSING,
        _("%(address)s has no name. Many servers refuse mail from it. Whoever gave you the address can add this line:"),
    ),
    "reverse_differs": (
        "reverse",
        WARNING,
        _(
            "%(address)s is called %(name)s, but that name leads elsewhere. Both must agree; whoever gave you "
            "the address can change it."
        ),
    ),
    "reverse_unseen": (
        "reverse",
        UNKNOWN,
        _(
            "The mail server %(relay)s stands on this machine or in a private network: from here nobody sees "
            "with which address it sends."
        ),
    ),
    "bounces_good": ("bounces", GOOD, _("Mail that comes back to %(domain)s is taken by %(host)s.")),
    "bounces_missing": (
        "bounces",
        MISSING,
        _(
            "Nobody takes mail for %(domain)s: what comes back is lost, and some servers refuse mail from such "
            "a domain. Add a line such as this, with the name of your mail server:"
        ),
    ),
    "bounces_elsewhere": (
        "bounces",
        WARNING,
        _(
            "Mail comes back to %(bounces)s, another domain than %(domain)s. SPF then proves nothing about the "
            "sender that people see: let DKIM do it, or take an address below %(domain)s (BOUNCE_ADDRESS)."
        ),
    ),
    "tls_good": ("tls", GOOD, _("Messages go to %(relay)s encrypted.")),
    "tls_local": ("tls", GOOD, _("The mail server stands on this machine: nobody can listen on the way.")),
    "tls_missing": (
        "tls",
        WARNING,
        _("Messages and the password go to %(relay)s so that others can read them. Write smtp+tls:// in EMAIL_URL."),
    ),
}


@dataclass(frozen=True)
class Shown:
    """One finding as a page shows it. `record` is the line for the DNS: name, type, value."""

    subject: str | Promise
    state: SenderCheck.State
    sentence: str
    record: dict[str, str] | None


def in_words(findings: list[dict[str, Any]]) -> list[Shown]:
    """What is kept of a check, for reading; what an older version found and this one does not know is left out."""
    shown = []
    for finding in findings:
        if finding["code"] in FINDINGS:
            subject, state, sentence = FINDINGS[finding["code"]]
            heading = SUBJECTS[subject or finding["about"]]
            shown.append(Shown(heading, state, sentence % finding["values"], finding["record"]))
    return shown
