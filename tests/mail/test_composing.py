"""The bytes of one person's copy, as other programs read them."""

import email
from email.policy import default

import pytest

from mail.composing import compose
from mail.services import outbox

pytestmark = pytest.mark.django_db


def test_long_list_address_stays_whole_on_its_line():
    address = f"<https://{'vita-lavoro-' * 8}toscana.example/newsletter/unsubscribe/%%token%%/>"
    message = outbox.add_message(
        kind="test", language="it", subject="Ciao", text="Ciao\n", headers={"List-Unsubscribe": address}
    )
    delivery = outbox.add_delivery(key="one", message=message, to="anna@example.org", personal={"token": "a1b2"})
    line = f"List-Unsubscribe: {address.replace('%%token%%', 'a1b2')}\r\n"
    assert line.encode() in compose(delivery)


@pytest.mark.parametrize(
    "subject", ["Conferma la tua iscrizione: Seminario a Pistoia: vita e lavoro, insieme", "È " * 60]
)
def test_long_subject_is_read_whole_and_does_not_begin_on_an_empty_line(subject):
    message = outbox.add_message(kind="test", language="it", subject=subject, text="t")
    content = compose(outbox.add_delivery(key="long", message=message, to="anna@example.org"))
    assert email.message_from_bytes(content, policy=default)["Subject"] == subject.strip()
    assert b"Subject:\r\n" not in content


def test_place_with_a_rule_is_filled_from_what_is_known_and_takes_its_space_along():
    message = outbox.add_message(
        kind="test", language="it", subject="Ciao%%place_a%%!", text="Ciao%%place_a%%, cara%%place_b%%: %%token%%\n",
        html="<p>%%place_b%%</p>",
        places={"place_a": ["first_name", " ", ""], "place_b": ["first_name", " ", "persona <amica>"]},
    )  # fmt: skip
    known = outbox.add_delivery(
        key="known", message=message, to="a@example.org", personal={"first_name": "Zoë\r\n  & Al", "token": "t1"}
    )
    unknown = outbox.add_delivery(key="unknown", message=message, to="b@example.org", personal={"token": "t2"})
    assert [read(known)[part] for part in ("subject", "text", "html")] == [
        "Ciao Zoë & Al!",
        "Ciao Zoë & Al, cara Zoë & Al: t1",
        "<p> Zoë &amp; Al</p>",
    ]
    assert [read(unknown)[part] for part in ("subject", "text", "html")] == [
        "Ciao!",
        "Ciao, cara persona <amica>: t2",
        "<p> persona &lt;amica&gt;</p>",
    ]


def read(delivery):
    mail = email.message_from_bytes(compose(delivery), policy=default)
    html = mail.get_body(("html",))
    return {
        "subject": mail["Subject"],
        "text": mail.get_body(("plain",)).get_content().strip(),
        "html": html and html.get_content().strip(),
    }
