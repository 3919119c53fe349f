"""Scans taken back before become facts with a correction; who is inside now has been since she came."""

from django.db import migrations
from django.db.models import F


def annulments_as_facts(apps, schema_editor):
    Scan, Correction = (apps.get_model("registrations", name) for name in ("Scan", "Correction"))
    taken_back = Scan.objects.filter(annulled_at__isnull=False)
    Correction.objects.bulk_create(
        [
            Correction(
                scan=scan,
                kind="annulled",
                device_id=scan.device_id,
                reason=scan.note,
                at=scan.annulled_at,
                received_at=scan.annulled_at,
            )
            for scan in taken_back.iterator()
        ],
        batch_size=500,
    )
    apps.get_model("registrations", "Registration").objects.filter(is_inside=True).update(inside_since=F("entered_at"))


def facts_as_annulments(apps, schema_editor):
    for one in apps.get_model("registrations", "Correction").objects.filter(kind="annulled").select_related("scan"):
        one.scan.annulled_at, one.scan.note = one.at, one.reason
        one.scan.save(update_fields=["annulled_at", "note"])


class Migration(migrations.Migration):
    dependencies = [("registrations", "0007_the_door")]
    operations = [migrations.RunPython(annulments_as_facts, facts_as_annulments)]
