"""What the newsletters of a programme count towards its targets."""

from django.utils.translation import gettext_lazy as _

from newsletters.models import Newsletter
from programmes.indicators import indicator
from programmes.models import Programme


@indicator("newsletters_sent", _("Newsletters sent"))
def newsletters_sent(programme: Programme) -> int:
    return Newsletter.objects.filter(programme=programme, sent_at__isnull=False).count()
