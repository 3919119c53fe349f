"""`{% local_login_mail as url %}`: where the codes can be read on a trial machine; empty anywhere else."""

from django import template
from django.urls import reverse

from accounts.local import is_trial_on_own_machine

register = template.Library()


@register.simple_tag(takes_context=True)
def local_login_mail(context: dict) -> str:
    return reverse("accounts:local-codes") if is_trial_on_own_machine(context["request"]) else ""
