"""The bytes of one person's copy, as other programs read them."""

import pytest

from mail.composing import compose
from mail.services import outbox


@pytest.mark.django_db
def test_long_list_address_stays_whole_on_its_line():
    address = f"<https://{'vita-lavoro-' * 8}toscana.example/newsletter/unsubscribe/%%token%%/>"
    message = outbox.add_message(
        kind="test", language="it", subject="Ciao", text="Ciao\n", headers={"List-Unsubscribe": address}
    )
    delivery = outbox.add_delivery(key="one", message=message, to="anna@example.org", personal={"token": "a1b2"})
    line = f"List-Unsubscribe: {address.replace('%%token%%', 'a1b2')}\r\n"
    assert line.encode() in compose(delivery)
