"""What a participant is asked to agree to: one entry a purpose, with the exact sentence that is shown.

Reading the privacy notice is required; everything else is separate, optional and never ticked beforehand. The sentence
as shown, in the reader's language, is stored with its version in the ledger (`services.agreeing`): changing a text here
changes nothing about what was agreed before. Who changes a sentence, in any language, gives it a new version; a test
holds each version to its words.
"""

import hashlib
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from registrations.models import Consent


@dataclass(frozen=True)
class Purpose:
    key: str
    text: Promise
    version: str
    is_required: bool = False

    @property
    def label(self) -> str:
        return Consent.Purpose(self.key).label


def digest(text: str) -> str:
    """The fingerprint of a sentence: SHA-256 of its UTF-8, as hex."""
    return hashlib.sha256(text.encode()).hexdigest()


PURPOSES = {
    purpose.key: purpose
    for purpose in [
        Purpose(
            "privacy",
            _("I have read the privacy notice: my data are used to organise this event and to report on it."),
            version="2024-01",
            is_required=True,
        ),
        Purpose(
            "newsletter",
            _("I would like the newsletter of the programme by e-mail. I can unsubscribe at any time."),
            version="2024-01",
        ),
        Purpose(
            "photos",
            _("I agree that photos and videos in which I can be recognised are used to tell about the programme."),
            version="2024-01",
        ),
    ]
}
OPTIONAL = [key for key, purpose in PURPOSES.items() if not purpose.is_required]
