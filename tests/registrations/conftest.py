"""Who asks here comes from the network: what limits one client does not count this machine itself."""

import pytest

from registrations.signals import registration_confirmed


@pytest.fixture
def client(client):
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    return client


@pytest.fixture
def confirmed():
    """The registrations that the bell rang for."""
    heard = []

    def listen(sender, registration, **kwargs):
        heard.append(registration.pk)

    registration_confirmed.connect(listen)
    yield heard
    registration_confirmed.disconnect(listen)
