"""Messages that come back, as servers write them."""

from email.message import EmailMessage
from textwrap import dedent


def delivery_status(
    *blocks: str, to="rimbalzi@vlt.example.org", mail_id="", headers="", original_type="text/rfc822-headers"
) -> bytes:
    """A notification of RFC 3464; each block is about one recipient."""
    groups = "\n".join(f"{dedent(block).strip()}\n" for block in blocks)
    return _crlf(f"""\
Return-Path: <>
Delivered-To: {to}
From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <report.1@mx.example.net>
Auto-Submitted: auto-replied
MIME-Version: 1.0
{headers}Content-Type: multipart/report; report-type=delivery-status; boundary="=b"

--=b
Content-Type: text/plain; charset=utf-8

I'm sorry to have to inform you that your message could not be delivered.

--=b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
X-Postfix-Queue-ID: 4B2C91E0

{groups}
--=b
Content-Type: {original_type}

Return-Path: <info@vlt.example.org>
Message-ID: {mail_id}
From: info@vlt.example.org
To: anna@example.org
Subject: Le notizie di luglio

--=b--
""")


def failed(email="anna@example.org", status="5.1.1", reply="550 5.1.1 User unknown", action="failed") -> str:
    return f"""
        Final-Recipient: rfc822; {email}
        Original-Recipient: rfc822;{email}
        Action: {action}
        Status: {status}
        Diagnostic-Code: smtp; {reply}
        """


def complaint(*, about="abuse", recipient="anna@example.org", sender="", mail_id="", to="anna@example.org") -> bytes:
    """A feedback report of RFC 5965."""
    named = f"Original-Rcpt-To: <{recipient}>\n" if recipient else ""
    named += f"Original-Mail-From: <{sender}>\n" if sender else ""
    return _crlf(f"""\
From: <staff@feedback.example.net>
To: <rimbalzi@vlt.example.org>
Subject: FW: Le notizie di luglio
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="=b"

--=b
Content-Type: text/plain

This is an email abuse report.

--=b
Content-Type: message/feedback-report

Feedback-Type: {about}
User-Agent: SomeGenerator/1.0
Version: 1
{named}Arrival-Date: Tue, 16 Jul 2024 09:00:00 +0200

--=b
Content-Type: message/rfc822

Message-ID: {mail_id}
From: info@vlt.example.org
To: Anna <{to}>
Subject: Le notizie di luglio

Ciao

--=b--
""")


def absence(to: str) -> bytes:
    """A person's mail program says that she is away, in words that a bounce could use."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@example.org", to, "Out of office: user unknown until Monday"
    mail["Auto-Submitted"] = "auto-replied"
    mail.set_content("550 5.1.1 I no longer work here.")
    return mail.as_bytes()


def answer(to: str) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "anna@example.org", to, "Re: Le notizie di luglio"
    mail.set_content("Grazie! 550 5.1.1")
    return mail.as_bytes()


def _crlf(text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()
