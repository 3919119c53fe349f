import pytest


@pytest.mark.django_db
def test_nul_in_an_address_is_nothing_and_no_error(client):
    assert client.get("/iscrizioni/%00/").status_code == 404
    assert client.get("/verifica/A%00B/").status_code == 404
    assert client.get("/eventi/?province=%00").status_code == 200
    assert client.get("/api/v1/events?province=%00").status_code in {200, 422}
