"""What a participant is asked to agree to: one entry a purpose, with the exact sentence that is shown.

Reading the privacy notice is required; everything else is separate, optional and never ticked beforehand. The sentence
as shown, in the person's language, is stored with the consent (`services.agreeing`): changing a text here changes
nothing about what was agreed before.
"""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registrations.models import Consent


@dataclass(frozen=True)
class Purpose:
    key: str
    text: Promise
    is_required: bool = False

    @property
    def label(self) -> str:
        return Consent.Purpose(self.key).label


PURPOSES = {
    purpose.key: purpose
    for purpose in [
        Purpose(
            "privacy",
            _("I have read the privacy notice: my data are used to organise this event and to report on it."),
            is_required=True,
        ),
        Purpose(
            "newsletter",
            _("I would like the newsletter of the programme by e-mail. I can unsubscribe at any time."),
        ),
        Purpose(
            "photos",
            _("I agree that photos and videos in which I can be recognised are used to tell about the programme."),
        ),
    ]
}
OPTIONAL = [key for key, purpose in PURPOSES.items() if not purpose.is_required]
