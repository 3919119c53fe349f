"""Each consent of before becomes the row that gave it and, where it was taken back, one more that says so.

How it was given was not noted, but for who was registered at the door or by the staff; taking back was possible on the
person's page only. Going back keeps the last words and the last time of each purpose, as the old rows did.
"""

import hashlib

from django.db import migrations

FIRST_VERSION = "2024-01"
WORDS_OF_THE_FIRST_VERSION = {
    "I have read the privacy notice: my data are used to organise this event and to report on it.",
    "Ho letto l’informativa sulla privacy: i miei dati servono a organizzare questo evento e a rendicontarlo.",
    "I would like the newsletter of the programme by e-mail. I can unsubscribe at any time.",
    "Vorrei ricevere per e-mail la newsletter del programma. Posso disiscrivermi in ogni momento.",
    "I agree that photos and videos in which I can be recognised are used to tell about the programme.",
    "Sono d’accordo che foto e video in cui mi si può riconoscere vengano usati per raccontare il programma.",
}


def into_the_ledger(apps, schema_editor):
    Consent = apps.get_model("registrations", "Consent")
    taken_back = []
    for consent in Consent.objects.select_related("registration").order_by("pk").iterator(chunk_size=500):
        consent.how = _how(consent.registration)
        consent.sha256 = hashlib.sha256(consent.text.encode()).hexdigest()
        consent.version = FIRST_VERSION if consent.text in WORDS_OF_THE_FIRST_VERSION else ""
        consent.save(update_fields=["how", "sha256", "version"])
        if consent.withdrawn_at:
            taken_back.append(_withdrawal(Consent, consent))
    Consent.objects.bulk_create(sorted(taken_back, key=lambda one: one.at), batch_size=500)


def _how(registration):
    if registration.is_walk_in:
        return "door"
    return "desk" if registration.via == "desk" else "earlier"


def _withdrawal(Consent, given):
    same = ("registration_id", "purpose", "text", "version", "sha256")
    return Consent(
        act="withdrawn", how="page", at=given.withdrawn_at, **{name: getattr(given, name) for name in same}
    )


def out_of_the_ledger(apps, schema_editor):
    Consent = apps.get_model("registrations", "Consent")
    kept = {}
    for act in Consent.objects.order_by("pk").iterator(chunk_size=500):
        key = act.registration_id, act.purpose
        if act.act == "given":
            act.withdrawn_at = None
            kept[key] = act
        elif key in kept:
            kept[key].withdrawn_at = act.at
    Consent.objects.exclude(pk__in=[act.pk for act in kept.values()]).delete()
    Consent.objects.bulk_update(kept.values(), ["withdrawn_at"], batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("registrations", "0004_consents_become_a_ledger")]
    operations = [migrations.RunPython(into_the_ledger, out_of_the_ledger)]
