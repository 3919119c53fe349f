"""What newsletters are about and where readers work: the two things readers may say of themselves besides a name."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Topic(models.TextChoices):
    EVENTS = "events", _("Seminars and labs")
    RESULTS = "results", _("Results and good practices")
    OPPORTUNITIES = "opportunities", _("Measures and opportunities for companies and workers")


class OrganisationKind(models.TextChoices):
    COMPANY = "company", _("A company")
    PUBLIC = "public", _("A public body")
    UNION = "union", _("A trade union")
    ASSOCIATION = "association", _("An employers’ association")
    THIRD_SECTOR = "third_sector", _("A cooperative or non-profit organisation")
    SCHOOL = "school", _("A school or university")
    PROFESSIONAL = "professional", _("On my own, as a professional")
