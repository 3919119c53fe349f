"""How bytes leave: by SMTP, or as files where no relay is set.

Both hand over in two steps. `deliver` brings everything up to the last byte, then asks `may_go`, which writes the
intent into the database; only when that says yes is the message handed over. So pausing and unsubscribing act up to
the last byte, and when a process dies at most one message a connection is in doubt.
"""

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from mail.envelope import sender_of
from mail.models import Delivery

MayGo = Callable[[], bool]


class Deferred(Exception):
    """The server says "later" (4xx). The message stays owed."""


class Refused(Exception):
    """The server says "never" (5xx)."""


class Unreachable(Exception):
    """No server to talk to. Nothing was said about any message."""


class InDoubt(Exception):
    """The last byte went out and no answer came back (RFC 1047)."""


class FileTransport:
    """One `.eml` file a message. The name is the delivery's, so writing twice is writing once."""

    def __init__(self, folder: Path):
        self.folder = folder

    def deliver(self, delivery: Delivery, content: bytes, may_go: MayGo) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = self.folder / f"{delivery.pk:08d}.eml"
        written = target.with_suffix(".part")
        written.write_bytes(content)
        if may_go():
            written.replace(target)
        else:
            written.unlink()

    def close(self) -> None:
        """Nothing is kept open."""


class SmtpTransport:
    """One kept connection. The reply to the final dot is waited for as long as RFC 5321 section 4.5.3.2.6 says."""

    CONNECT_SECONDS = 30
    DOT_SECONDS = 600

    def __init__(self, url: str):
        parts = urlsplit(url)
        options = parse_qs(parts.query)
        self.host = parts.hostname or "localhost"
        self.is_ssl = parts.scheme in {"smtps", "smtp+ssl"}
        self.is_tls = parts.scheme == "smtp+tls" or options.get("tls", [""])[0].lower() == "true"
        self.port = parts.port or (465 if self.is_ssl else 587 if self.is_tls else 25)
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")
        self.connection: smtplib.SMTP | None = None

    def deliver(self, delivery: Delivery, content: bytes, may_go: MayGo) -> None:
        smtp = self._connect()
        try:
            self._say(smtp.mail(sender_of(delivery), ["BODY=8BITMIME"] if _is_8bit(smtp) else []))
            self._say(smtp.rcpt(delivery.email))
            self._say(smtp.docmd("DATA"), expected=354)
            smtp.send(re.sub(rb"(?m)^\.", b"..", content))
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise Unreachable(str(error)) from error
        if not may_go():
            self.close()  # without the dot nothing was accepted
            return
        try:
            smtp.sock.settimeout(self.DOT_SECONDS)
            smtp.send(b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n")
            reply = smtp.getreply()
            smtp.sock.settimeout(self.CONNECT_SECONDS)
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            self.close()
            raise InDoubt(str(error)) from error
        self._say(reply)

    def close(self) -> None:
        if self.connection:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.connection.close()
            self.connection = None

    def _connect(self) -> smtplib.SMTP:
        if self.connection:
            return self.connection
        kind = smtplib.SMTP_SSL if self.is_ssl else smtplib.SMTP
        try:
            smtp = kind(self.host, self.port, timeout=self.CONNECT_SECONDS, local_hostname=settings.SITE_HOST)
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # body and dot are two writes
            if self.is_tls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            raise Unreachable(str(error)) from error
        self.connection = smtp
        return smtp

    def _say(self, reply: tuple[int, bytes], expected: int = 250) -> None:
        code, text = reply
        if code == expected or (expected == 250 and code == 251):
            return
        sentence = f"{code} {text.decode(errors='replace')}"
        if code == 421:
            self.close()
            raise Unreachable(sentence)
        if self.connection:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.connection.rset()
        raise (Deferred if 400 <= code < 500 else Refused)(sentence)


def _is_8bit(smtp: smtplib.SMTP) -> bool:
    return smtp.has_extn("8bitmime")


def transport() -> FileTransport | SmtpTransport:
    """The transport that EMAIL_URL names; without it, files under DATA_DIR/mail."""
    return SmtpTransport(settings.EMAIL_URL) if settings.EMAIL_URL else FileTransport(Path(settings.MAIL_DIR))
