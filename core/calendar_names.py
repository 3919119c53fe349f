"""Names of months and days as our languages write them inside a sentence: "martedì 21 maggio", not "Martedì 21 Maggio".

Django's own catalogue has them with a capital in Italian; a sentence marked here is looked up in ours first.
"""

from django.utils.translation import gettext_noop as _

MONTHS = [
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"),
    _("July"), _("August"), _("September"), _("October"), _("November"), _("December"),
]  # fmt: skip
SHORT_MONTHS = [
    _("jan"), _("feb"), _("mar"), _("apr"), _("may"), _("jun"),
    _("jul"), _("aug"), _("sep"), _("oct"), _("nov"), _("dec"),
]  # fmt: skip
DAYS = [_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")]
SHORT_DAYS = [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
