"""Asking other sites: what they say, how long we wait, and that nobody leads the server into its own network."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from newsletters.services import outside
from newsletters.services.outside import Answer


class Site(BaseHTTPRequestHandler):
    def do_HEAD(self):
        if self.path == "/onward":
            self.send_response(302)
            self.send_header("Location", "/here")
        elif self.path == "/inside":
            self.send_response(302)
            self.send_header("Location", "http://10.0.0.1/secret")
        elif self.path == "/round":
            self.send_response(302)
            self.send_header("Location", "/round")
        else:
            refuses_head = self.command == "HEAD" and self.path == "/only-get"
            codes = {"/gone": 410, "/broken": 500, "/closed": 403, "/nowhere": 404}
            self.send_response(405 if refuses_head else codes.get(self.path, 200))
        self.end_headers()

    do_GET = do_HEAD

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_other_sites_answer_for_themselves(site):
    paths = {
        "/here": Answer.THERE, "/onward": Answer.THERE, "/only-get": Answer.THERE, "/gone": Answer.GONE,
        "/nowhere": Answer.GONE, "/broken": Answer.UNKNOWN, "/closed": Answer.UNKNOWN, "/round": Answer.UNKNOWN,
        "/inside": Answer.UNKNOWN,
    }  # fmt: skip
    answers = outside.ask([site + path for path in paths], may_reach=lambda ip, port: ip == "127.0.0.1")
    assert answers == {site + path: answer for path, answer in paths.items()}


def test_own_network_is_never_asked(site):
    assert outside.ask([f"{site}/here", "http://localhost/", "http://user@example.org/"]) == {
        f"{site}/here": Answer.UNKNOWN,
        "http://localhost/": Answer.UNKNOWN,
        "http://user@example.org/": Answer.UNKNOWN,
    }


@pytest.mark.parametrize(
    ("address", "port", "may"),
    [
        ("93.184.216.34", 443, True),
        ("2606:2800:220:1:248:1893:25c8:1946", 80, True),
        ("93.184.216.34", 6379, False),
        ("127.0.0.1", 80, False),
        ("10.1.2.3", 80, False),
        ("169.254.169.254", 80, False),
        ("100.64.0.1", 80, False),
        ("0.0.0.0", 80, False),
        ("224.0.0.1", 80, False),
        ("::1", 80, False),
        ("fd00::1", 80, False),
        ("fe80::1", 80, False),
        ("::ffff:10.0.0.1", 80, False),
        ("2002:0a00:0001::", 80, False),
        ("64:ff9b::a00:1", 80, False),
    ],
)
def test_only_the_open_internet_is_public(address, port, may):
    assert outside.is_public(address, port) is may


def test_beyond_the_fortieth_is_unknown_and_not_asked(site):
    answers = outside.ask([f"{site}/{number}" for number in range(45)], may_reach=lambda ip, port: True)
    assert list(answers.values()).count(Answer.UNKNOWN) == 5
