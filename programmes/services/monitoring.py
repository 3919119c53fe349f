"""What the funder has the programme ask who takes part: one profile a kind of event, changed by who coordinates.

What was answered before stays as it was given. The questions themselves live with the registrations.
"""

from collections.abc import Mapping

from django.db import transaction

from programmes.models import MonitoringProfile, Programme


@transaction.atomic
def choose_profiles(*, programme: Programme, profiles: Mapping[str, str]) -> Programme:
    """Set the profile of each kind of event that `profiles` names; the others stay."""
    chosen = {kind: MonitoringProfile(profile).value for kind, profile in profiles.items()}
    programme = Programme.objects.select_for_update().get(pk=programme.pk)
    programme.monitoring = programme.monitoring | chosen
    programme.save(update_fields=["monitoring"])
    return programme
