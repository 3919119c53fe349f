"""What this room puts on the staff desk."""

from django.utils.translation import gettext_lazy as _

from accounts.desk import nav

nav(_("My groups"), "registrations:my-groups", permission="registrations.view_group", order=60, icon="it-user")
