"""Who waited already counts since her address was confirmed."""

from django.db import migrations
from django.db.models import F


def since_confirmed(apps, schema_editor):
    waiting = apps.get_model("registrations", "Registration").objects.filter(state="waiting", queued_at=None)
    waiting.update(queued_at=F("email_confirmed_at"))


class Migration(migrations.Migration):
    dependencies = [("registrations", "0002_registration_people_steer")]
    operations = [migrations.RunPython(since_confirmed, migrations.RunPython.noop)]
