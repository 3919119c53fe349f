"""What people's registrations count towards a programme's targets: a person counts once, in however many events."""

from django.utils.translation import gettext_lazy as _

from programmes.indicators import indicator
from programmes.models import Programme
from registrations.models import Registration


@indicator("participants", _("People who took part"))
def participants(programme: Programme) -> int:
    present = Registration.objects.filter(event__programme=programme, entered_at__isnull=False)
    return present.exclude(email="").values("email").distinct().count() + present.filter(email="").count()
