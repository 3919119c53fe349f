"""The bounce mailbox over real IMAP: taken once, marked, never blocked by one message; what fails is told."""

import re
import socketserver
import threading

import pytest

from config import returns as settings_of_returns
from mail.envelope import sender_of
from mail.mailbox import LONGEST
from mail.models import Delivery, Feedback
from mail.services import returns
from tests.mail.reports import absence, answer, delivery_status, failed
from tests.make import make_delivery

pytestmark = pytest.mark.django_db


class Post:
    """What lies in the mailbox: contents with their flags, by number."""

    def __init__(self):
        self.mails: dict[int, tuple[bytes, set[str]]] = {}
        self.refuses = ""
        self.logins = 0

    def put(self, content: bytes) -> int:
        number = len(self.mails) + 7
        self.mails[number] = (content, set())
        return number

    def flags(self) -> list[set[str]]:
        return [flags for _content, flags in self.mails.values()]


class Session(socketserver.StreamRequestHandler):
    """As much of RFC 3501 as a reader of one folder needs."""

    def handle(self):
        self.say(b"* OK IMAP4rev1 ready")
        while line := self.rfile.readline():
            tag, command, *rest = line.decode().split(maxsplit=2)
            rest = rest[0].strip() if rest else ""
            post = self.server.post
            if post.refuses and command.upper() in post.refuses:
                self.say(f"{tag} NO not today".encode())
                continue
            getattr(self, f"do_{command.lower()}")(rest)
            self.say(f"{tag} OK done".encode())
            if command.upper() == "LOGOUT":
                return

    def say(self, line: bytes):
        self.wfile.write(line + b"\r\n")

    def do_capability(self, rest):
        self.say(b"* CAPABILITY IMAP4rev1")

    def do_login(self, rest):
        self.server.post.logins += 1
        assert rest == 'rimbalzi "s:e@c r"'

    def do_select(self, rest):
        assert rest == '"Posta in arrivo"'
        self.say(f"* {len(self.server.post.mails)} EXISTS".encode())

    def do_logout(self, rest):
        self.say(b"* BYE")

    def do_uid(self, rest):
        command, arguments = rest.split(maxsplit=1)
        mails = self.server.post.mails
        if command == "SEARCH":
            assert arguments == "UNSEEN UNFLAGGED UNDELETED"
            found = [str(number) for number, (_content, flags) in mails.items() if not flags]
            self.say(f"* SEARCH {' '.join(found)}".encode())
            return
        number, what = arguments.split(maxsplit=1)
        content, flags = mails[int(number)]
        if command == "STORE":
            flags.update(re.findall(r"\\\w+", what))
        else:
            most = int(re.fullmatch(r"\(BODY\.PEEK\[\]<0\.(\d+)>\)", what)[1])
            part = content[:most]
            self.wfile.write(b"* 1 FETCH (BODY[]<0> {%d}\r\n" % len(part) + part + b" UID %d)\r\n" % int(number))


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


@pytest.fixture
def post(settings):
    server = Server(("127.0.0.1", 0), Session)
    server.post = Post()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"imap://rimbalzi:s%3Ae%40c%20r@127.0.0.1:{server.server_address[1]}/Posta%20in%20arrivo"
    settings.BOUNCE_MAILBOX = settings_of_returns.mailbox(url)
    settings.BOUNCE_ADDRESS = "rimbalzi@vlt.example.org"
    yield server.post
    server.shutdown()
    server.server_close()


def test_bounces_are_taken_once_and_marked_as_read_and_the_rest_is_left_for_a_person(post):
    anna = make_delivery()
    for content in [
        delivery_status(failed(), to=sender_of(anna)),
        absence(sender_of(anna)),
        answer(sender_of(anna)),
        delivery_status(failed(), to="rimbalzi+1.aaaaaaaaaaaaaaaa@vlt.example.org"),
    ]:
        post.put(content)
    assert returns.fetch() == {"recorded": 1, "automatic": 1, "other": 1, "unproven": 1}
    assert post.flags() == [{"\\Seen"}, {"\\Seen"}, {"\\Flagged"}, {"\\Flagged"}]
    assert returns.fetch() == {}
    assert Feedback.objects.count() == 1
    assert returns.mailbox_state().error == ""


def test_message_taken_again_after_a_crash_changes_nothing(post):
    anna = make_delivery()
    number = post.put(delivery_status(failed(), to=sender_of(anna)))
    returns.fetch()
    post.mails[number][1].clear()
    assert returns.fetch() == {"nothing new": 1}
    assert Feedback.objects.count() == 1


def test_of_a_huge_message_only_the_beginning_is_read(post):
    anna = make_delivery()
    report = delivery_status(failed(), to=sender_of(anna), mail_id=anna.mail_id)
    post.put(report.removesuffix(b"--=b--\r\n") + b"x" * 2 * LONGEST)
    assert returns.fetch() == {"recorded": 1}


def test_message_that_breaks_something_does_not_stop_those_behind_it(post, monkeypatch, caplog):
    anna = make_delivery()
    post.put(b"poison")
    post.put(delivery_status(failed(), to=sender_of(anna)))
    take = returns.take
    monkeypatch.setattr(returns, "take", lambda content: 1 / 0 if content == b"poison" else take(content))
    assert returns.fetch() == {"other": 1, "recorded": 1}
    assert post.flags() == [{"\\Flagged"}, {"\\Seen"}]


def test_many_are_taken_run_by_run(post, monkeypatch):
    monkeypatch.setattr(returns, "A_RUN", 2)
    for _ in range(3):
        post.put(absence("rimbalzi@vlt.example.org"))
    assert [returns.fetch().total() for _ in range(3)] == [2, 1, 0]


@pytest.mark.parametrize(("refuses", "said"), [("LOGIN", "log in"), ("SELECT", "open the folder"), ("UID", "search")])
def test_mailbox_that_says_no_is_told_and_nobody_named(post, refuses, said, caplog):
    post.refuses = refuses
    assert returns.fetch() == {}
    assert said in returns.mailbox_state().error
    assert said in caplog.text
    assert "rimbalzi" not in caplog.text
    assert "s:e@c" not in caplog.text
    post.refuses = ""
    returns.fetch()
    assert returns.mailbox_state().error == ""


def test_mailbox_out_of_reach_is_told_and_known_doubts_are_settled_all_the_same(settings):
    settings.BOUNCE_MAILBOX = settings_of_returns.mailbox("imap://user:password@127.0.0.1:1/INBOX")
    doubt = make_delivery(state=Delivery.State.UNCERTAIN)
    Feedback.objects.create(delivery=doubt, email=doubt.email, kind="arrived", source="webhook", digest="x")
    assert returns.fetch() == {}
    assert "cannot be reached" in returns.mailbox_state().error
    assert Delivery.objects.get().state == Delivery.State.SENT


@pytest.mark.parametrize(
    "url",
    ["imap://u:p@mail.example/INBOX", "https://u:p@mail.example", "imaps://mail.example", "imaps://u@mail.example"],
)
def test_mailbox_without_encryption_or_password_is_refused(url):
    with pytest.raises(ValueError, match="imaps|missing"):
        settings_of_returns.mailbox(url)


def test_password_of_the_mailbox_is_in_no_message_about_it():
    account = settings_of_returns.mailbox("imaps://user:s3cret@mail.example:1993/Archivio/Rimbalzi")
    assert (account.host, account.port, account.folder, account.is_encrypted) == (
        "mail.example", 1993, "Archivio/Rimbalzi", True,
    )  # fmt: skip
    assert "s3cret" not in repr(account)


def test_mailbox_out_of_reach_is_told_on_the_mail_page(settings, client, cast):
    settings.BOUNCE_MAILBOX = settings_of_returns.mailbox("imap://user:password@127.0.0.1:1/INBOX")
    client.force_login(cast.nora)
    assert "non si è potuta leggere" not in client.get("/gestione/posta/").content.decode()
    returns.fetch()
    assert "non si è potuta leggere" in client.get("/gestione/posta/").content.decode()
