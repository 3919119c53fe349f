"""Nothing that anybody types breaks a line of a mail’s header: refused where it is typed, or put on one line."""

import email
from email.policy import default

import pytest

from mail.composing import compose
from mail.models import Delivery
from newsletters.models import Subscription
from newsletters.services import NewsletterError, scheduling, sending, subscriptions
from tests.make import both, make_newsletter, make_subscription

pytestmark = pytest.mark.django_db
BREAKS = [
    "\r\nBcc: x@example.org",
    "\nBcc: x@example.org",
    "\rBcc: x@example.org",
    "\x00",
    "\u2028Bcc: x",
    "\x0b\x0c\x85",
]


def copy_of(newsletter):
    scheduling.send_now(newsletter=newsletter)
    sending.dispatch_due()
    return email.message_from_bytes(compose(Delivery.objects.get()), policy=default)


@pytest.mark.parametrize("break_", BREAKS)
def test_name_and_subject_stay_on_their_line(programme, break_):
    make_subscription(programme, first_name=f"Anna{break_}".replace("\0", ""), last_name="Verdi")
    subject = f"Luglio{break_}".replace("\0", "")
    mail = copy_of(make_newsletter(programme, subject=both(f"{subject} %%first_name%%", subject)))
    assert mail["Bcc"] is None
    assert len(mail.get_all("To")) == len(mail.get_all("Subject")) == 1
    assert mail["Subject"].startswith("Luglio")
    assert [one.addr_spec for one in mail["To"].addresses] == [Delivery.objects.get().email]


@pytest.mark.parametrize("break_", BREAKS)
def test_name_of_the_programme_stays_on_the_line_of_the_list(programme, break_):
    make_subscription(programme)
    programme.short_name = f"VLT{break_}"[:20].replace("\0", "")
    programme.save()
    mail = copy_of(make_newsletter(programme))
    assert mail["Bcc"] is None
    assert len(mail.get_all("List-Id")) == 1


@pytest.mark.parametrize("break_", BREAKS[:4])
def test_address_with_a_break_is_refused_and_nothing_is_kept(client, programme, break_):
    with pytest.raises(NewsletterError) as refusal:
        subscriptions.subscribe(programme=programme, email=f"anna@example.org{break_}x", source="test")
    assert refusal.value.fields["email"]
    client.post("/newsletter/iscriviti/", {"email": f"anna@example.org{break_}x"})
    assert not Subscription.objects.exists()
    assert not Delivery.objects.exists()
