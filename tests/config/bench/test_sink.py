"""The mail server of benchmarks and trials writes down what it accepted, and nothing else."""

import smtplib
import subprocess
import sys
import time

import pytest
from django.conf import settings

from config.running import processes
from config.running.up import free_port
from config.trials.judge import read

BODY = b"Message-ID: <one@example.org>\r\nSubject: Ciao\r\n\r\n..\r\nCiao\r\n"


@pytest.fixture
def sink(tmp_path):
    port, log = free_port(), tmp_path / "sink.log"
    process = subprocess.Popen([sys.executable, str(settings.BASE_DIR / "config/bench/sink.py"), str(port), str(log)])
    deadline = time.monotonic() + 20
    while not processes.listens(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    yield port, log
    process.kill()
    process.wait()


def handed_over(port, to, *, with_dot=True):
    smtp = smtplib.SMTP("127.0.0.1", port, timeout=10)
    smtp.ehlo("test")
    smtp.mail("info@example.org", ["BODY=8BITMIME"])
    smtp.rcpt(to)
    smtp.docmd("DATA")
    smtp.send(BODY)
    if with_dot:
        smtp.send(b".\r\n")
        assert smtp.getreply()[0] == 250
    smtp.close()


def test_log_names_what_was_accepted(sink):
    port, log = sink
    handed_over(port, "anna@example.org")
    handed_over(port, "bea@example.org", with_dot=False)
    handed_over(port, "cara@example.org")
    assert [(one.mail_id, one.email) for one in read(log)] == [
        ("<one@example.org>", "anna@example.org"),
        ("<one@example.org>", "cara@example.org"),
    ]
