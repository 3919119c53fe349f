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
