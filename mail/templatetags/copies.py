"""What one person's copy of a message says, for pages that list deliveries."""

from django import template

from mail import pages
from mail.models import Delivery

register = template.Library()


@register.filter
def subject_of(delivery: Delivery) -> str:
    """The subject as this person reads it."""
    return pages.subject_of(delivery)
