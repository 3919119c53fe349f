"""The mailbox that bounces come back to, over IMAP (RFC 3501).

Takes what is unread and not flagged, looks at it without marking it, and lets the caller say what becomes of it. Of a
huge message only its beginning is read: a report stands before the message that it returns.
"""

import imaplib
import socket
import ssl
from collections.abc import Iterator
from typing import Any

SECONDS = 30
LONGEST = 500_000
"""Bytes of a message that are read."""


class MailboxError(Exception):
    """It cannot be reached or read. In words that hold nothing personal."""


class Mailbox:
    """A context manager; every failure in it is a MailboxError. `account` is `config.returns.Account`."""

    def __init__(self, account: Any):
        self.account = account
        self.imap: imaplib.IMAP4 | None = None

    def __enter__(self) -> "Mailbox":
        account = self.account
        try:
            if account.is_encrypted:
                self.imap = imaplib.IMAP4_SSL(
                    account.host, account.port, ssl_context=ssl.create_default_context(), timeout=SECONDS
                )
            else:
                self.imap = imaplib.IMAP4(account.host, account.port, timeout=SECONDS)
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(f"cannot be reached ({_kind(error)})") from error
        try:
            self._ask("log in", self.imap.login, account.user, account.password)
            self._ask("open the folder", self.imap.select, f'"{account.folder}"')
        except MailboxError:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_error: object) -> None:
        try:
            self.imap.logout()
        except (imaplib.IMAP4.error, OSError):
            self.imap.shutdown()

    def unread(self, most: int) -> Iterator[tuple[bytes, bytes]]:
        """Number and content of up to `most` messages, the oldest first."""
        (found,) = self._ask("search", self.imap.uid, "SEARCH", "UNSEEN", "UNFLAGGED", "UNDELETED")
        for number in (found or b"").split()[:most]:
            parts = self._ask("read", self.imap.uid, "FETCH", number.decode(), f"(BODY.PEEK[]<0.{LONGEST}>)")
            content = next((part[1] for part in parts if isinstance(part, tuple)), None)
            if content is not None:  # else somebody took it away in the meantime
                yield number, content

    def mark_read(self, number: bytes) -> None:
        self._ask("mark", self.imap.uid, "STORE", number.decode(), "+FLAGS.SILENT", r"(\Seen)")

    def mark_for_a_person(self, number: bytes) -> None:
        """Leave it unread, with a flag, so that it is seen and not taken again."""
        self._ask("mark", self.imap.uid, "STORE", number.decode(), "+FLAGS.SILENT", r"(\Flagged)")

    def _ask(self, what: str, command, *arguments: str) -> list:
        try:
            answer, data = command(*arguments)
        except (imaplib.IMAP4.error, OSError) as error:
            raise MailboxError(f"cannot {what} ({_kind(error)})") from error
        if answer != "OK":
            raise MailboxError(f"cannot {what}: the server said {answer}")
        return data


def _kind(error: Exception) -> str:
    """The kind of an error: its words may hold the account or an address."""
    return "timeout" if isinstance(error, socket.timeout) else type(error).__name__
