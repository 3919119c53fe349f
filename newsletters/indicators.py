"""What the newsletters of a programme count towards its targets."""

from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from mail.models import Delivery
from newsletters.models import Newsletter, VisitCount
from programmes.indicators import indicator
from programmes.models import Programme


@indicator("newsletters_sent", _("Newsletters sent"))
def newsletters_sent(programme: Programme) -> int:
    return Newsletter.objects.filter(programme=programme, sent_at__isnull=False).count()


@indicator("newsletter_copies", _("Copies of newsletters accepted"))
def newsletter_copies(programme: Programme) -> int:
    return Delivery.objects.filter(message__mailing__newsletter__programme=programme, state=Delivery.State.SENT).count()


@indicator("newsletter_visits", _("Visits from newsletters"))
def newsletter_visits(programme: Programme) -> int:
    return VisitCount.objects.filter(newsletter__programme=programme).aggregate(all=Sum("number"))["all"] or 0
