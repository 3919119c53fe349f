"""Who asks here comes from the network: what limits one client does not count this machine itself."""

import pytest


@pytest.fixture
def client(client):
    client.defaults["REMOTE_ADDR"] = "203.0.113.7"
    return client
