"""A local SMTP server that keeps what it is given, and can be told to say no, later, or nothing at all."""

import asyncio
import socket
from types import SimpleNamespace

import pytest
from aiosmtpd.controller import Controller


class Sink:
    """`answers` maps an address to the reply to RCPT; after a 421 it hangs up, and for "" it says nothing before.

    `dot` is the reply to the last byte, or None to hang up on it; so it does on the first `unanswered`. `sender` is the
    reply to MAIL; with `hangs_up` a connection takes only one message; each takes `seconds`.
    """

    def __init__(self):
        self.mails: list[SimpleNamespace] = []
        self.answers: dict[str, str] = {}
        self.dot: str | None = "250 taken"
        self.unanswered = 0
        self.sender = "250 fine"
        self.hangs_up = False
        self.seconds = 0.0

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802
        if self.hangs_up and hasattr(session, "had_one"):
            server.transport.close()
            return "421 4.7.0 one message a connection"
        session.had_one = True
        if self.sender.startswith("250"):
            envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        answer = self.answers.get(address, "250 fine")
        if not answer or answer.startswith("421"):
            server.transport.write(f"{answer}\r\n".encode() if answer else b"")
            server.transport.close()
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        await asyncio.sleep(self.seconds)
        self.mails.append(
            SimpleNamespace(sender=envelope.mail_from, to=list(envelope.rcpt_tos), content=envelope.content)
        )
        if self.dot is None or self.unanswered:
            self.unanswered = max(0, self.unanswered - 1)
            server.transport.abort()
            return "421 gone"
        return self.dot


@pytest.fixture
def sink(settings):
    sink = Sink()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(sink, hostname="127.0.0.1", port=port)
    controller.start()
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    yield sink
    controller.stop()
