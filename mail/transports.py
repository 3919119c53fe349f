"""How bytes leave: by SMTP, or as files where no relay is set.

Both hand over in two steps. `bring` takes everything to the server but the last byte; then the sender writes its intent
into the database, and only then calls `hand_over`, or else `abandon`. So pausing and unsubscribing act up to the last
byte, and when a process dies at most one message a connection is in doubt.

The errors say whose trouble it is: the message's (`Deferred`, `BrokenOff`, `Refused`), the relay's (`Unreachable`), or
nobody's to know (`InDoubt`).
"""

import contextlib
import smtplib
import socket
import ssl
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

from mail.envelope import sender_of
from mail.marks import header_for
from mail.models import Delivery

Reply = tuple[int, bytes]


class Deferred(Exception):
    """The server says "later" to this message (4xx). It stays owed."""


class BrokenOff(Deferred):
    """The server ends a connection that worked, over this recipient or this body: 421, an odd reply, or none."""


class Refused(Exception):
    """The server says "never" to this message (5xx)."""


class Unreachable(Exception):
    """The relay takes nothing: no connection, no login, or not this sender. `is_open`: it was there until then."""

    def __init__(self, reason: str, *, is_open: bool = False):
        super().__init__(reason)
        self.is_open = is_open


class InDoubt(Exception):
    """The last byte went out and no answer came back (RFC 1047)."""


class FileTransport:
    """One `.eml` file a message. The name is the delivery's, so writing twice is writing once."""

    name = "files"
    is_open = True

    def __init__(self, folder: Path):
        self.folder = folder

    def bring(self, delivery: Delivery, content: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.target = self.folder / f"{delivery.pk:08d}.eml"
        self.written = self.target.with_suffix(".part")
        self.written.write_bytes(content)

    def hand_over(self) -> str:
        self.written.replace(self.target)
        return f"written to {self.target.name}"

    def abandon(self) -> None:
        self.written.unlink(missing_ok=True)

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
        self.name = f"{self.host}:{self.port}"
        self.connection: smtplib.SMTP | None = None

    @property
    def is_open(self) -> bool:
        return self.connection is not None

    def bring(self, delivery: Delivery, content: bytes) -> None:
        """Everything but the last byte. Raises Deferred, BrokenOff, Refused, Unreachable.

        A server may end a kept connection when it likes, as after so many messages: then a new one is tried at once.
        """
        if self.is_open:
            with contextlib.suppress(Unreachable, BrokenOff):
                return self._bring(delivery, content)
        self._connect()
        return self._bring(delivery, content)

    def hand_over(self) -> str:
        """The last byte; what the server answers. Raises Deferred, BrokenOff, Refused, InDoubt."""
        smtp = self.connection
        try:
            smtp.sock.settimeout(self.DOT_SECONDS)
            smtp.send(b".\r\n")
            code, text = smtp.getreply()
            smtp.sock.settimeout(self.CONNECT_SECONDS)
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise InDoubt(str(error)) from error
        if not 200 <= code < 600 or 300 <= code < 400:
            self.close()
            raise InDoubt(_sentence((code, text)))
        if code >= 400:
            self._complain((code, text))
        return _sentence((code, text))

    def abandon(self) -> None:
        """Without the dot nothing was accepted (RFC 5321 section 4.1.1.4)."""
        self.close()

    def close(self) -> None:
        if self.connection:
            with contextlib.suppress(smtplib.SMTPException, OSError):
                self.connection.close()
            self.connection = None

    def _bring(self, delivery: Delivery, content: bytes) -> None:
        smtp = self.connection
        commands = [f"MAIL FROM:<{sender_of(delivery)}>", f"RCPT TO:<{delivery.email}>", "DATA"]
        replies: list[Reply] = []
        try:
            if smtp.has_extn("pipelining"):  # RFC 2920: three commands in one go
                smtp.send("".join(f"{command}\r\n" for command in commands))
                for _command in commands:
                    replies.append(smtp.getreply())
            else:
                for command in commands:
                    replies.append(smtp.docmd(command))
                    if replies[-1][0] >= 400:
                        break
            self._check(replies)
            content = header_for(self.host, delivery) + content
            if b"\r\n." in content:
                content = content.replace(b"\r\n.", b"\r\n..")
            smtp.send(content if content.endswith(b"\r\n") else content + b"\r\n")
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            self._check(replies)  # what it said before it went
            if not replies:
                raise Unreachable(str(error), is_open=True) from error
            raise BrokenOff(str(error)) from error

    def _check(self, replies: list[Reply]) -> None:
        """What the server said to MAIL, RCPT, DATA. A sender it does not like is our trouble, not the recipient's."""
        bad = next((number for number, (code, _text) in enumerate(replies) if not 200 <= code < 400), None)
        if bad is None:
            return
        if replies[-1][0] == 354:
            self.close()  # it waits for a body that it has nobody to give to
        if bad == 0:
            self.close()
            raise Unreachable(_sentence(replies[0]), is_open=True)
        self._complain(replies[bad])

    def _complain(self, reply: Reply) -> None:
        code, _text = reply
        if code == 421 or not 400 <= code < 600:
            self.close()
            raise BrokenOff(_sentence(reply))
        if self.connection:
            try:
                self.connection.rset()
            except (smtplib.SMTPException, OSError):
                self.close()
        raise (Deferred if 400 <= code < 500 else Refused)(_sentence(reply))

    def _connect(self) -> None:
        kind = smtplib.SMTP_SSL if self.is_ssl else smtplib.SMTP
        smtp = None
        try:
            smtp = kind(self.host, self.port, timeout=self.CONNECT_SECONDS, local_hostname=settings.SITE_HOST)
            smtp.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # body and dot are two writes
            if self.is_tls:
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password)
        except (smtplib.SMTPException, OSError) as error:
            if smtp:
                smtp.close()
            raise Unreachable(str(error)) from error
        self.connection = smtp


def _sentence(reply: Reply) -> str:
    code, text = reply
    return f"{code} {' '.join(text.decode(errors='replace').split())}"


def transport() -> FileTransport | SmtpTransport:
    """The transport that EMAIL_URL names; without it, files under DATA_DIR/mail."""
    return SmtpTransport(settings.EMAIL_URL) if settings.EMAIL_URL else FileTransport(Path(settings.MAIL_DIR))
