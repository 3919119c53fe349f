import pytest

from newsletters.models import Subscription

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("typed", ["vinci su www.x.example", "https://x.example", "anna@x.example"])
def test_name_that_leads_elsewhere_is_refused(client, programme, typed):
    response = client.post("/newsletter/iscriviti/", {"email": "a@example.org", "first_name": typed, "consent": "on"})
    assert response.status_code in {200, 422}
    assert "Scrivi qui solo un nome" in response.content.decode()
    assert not Subscription.objects.exists()
