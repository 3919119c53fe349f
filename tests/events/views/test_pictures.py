"""The pictures and words beside a link to the home page or to an event."""

from io import BytesIO

import pytest
from PIL import Image

from tests.make import make_event, make_venue

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("address", ["/eventi/seminario-pisa/", "/en/events/seminario-pisa/", "/", "/en/"])
def test_page_names_a_picture_that_is_there(client, programme, pisa, address):
    make_event(programme, slug="seminario-pisa", territory=pisa, venue=make_venue(programme))
    page = client.get(address).content.decode()
    assert page.count('property="og:title"') == page.count('rel="canonical"') == 1
    assert f'<link rel="canonical" href="http://testserver{address}">' in page
    assert f'content="http://testserver{address}preview.png"' in page
    response = client.get(f"{address}preview.png")
    assert response["Content-Type"] == "image/png"
    assert Image.open(BytesIO(response.content)).size == (1200, 630)


def test_event_that_is_not_public_has_no_picture(client, programme):
    make_event(programme, slug="bozza", published_at=None)
    assert client.get("/eventi/bozza/preview.png").status_code == 404


def test_site_without_a_programme_has_no_picture(client):
    assert client.get("/").status_code == 200
    assert client.get("/preview.png").status_code == 404
