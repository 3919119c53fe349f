"""A row of a consent becomes one act: `given_at` is its time. What was taken back follows in the next step."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("registrations", "0003_since_when_people_wait")]
    operations = [
        migrations.RemoveConstraint(model_name="consent", name="consent_once"),
        migrations.RenameField(model_name="consent", old_name="given_at", new_name="at"),
        migrations.AlterModelOptions(name="consent", options={"ordering": ["pk"]}),
        migrations.AddField(
            model_name="consent",
            name="act",
            field=models.CharField(
                choices=[("given", "agreed"), ("withdrawn", "withdrawn")], default="given", max_length=10
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="version",
            field=models.CharField(
                blank=True, help_text="Of the words, see `registrations.consents`.", max_length=20, default=""
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="consent",
            name="sha256",
            field=models.CharField(blank=True, help_text="Of the words.", max_length=64, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="consent",
            name="how",
            field=models.CharField(
                choices=[
                    ("form", "with the registration form"),
                    ("api", "through another program"),
                    ("door", "at the door"),
                    ("desk", "told to the staff, who wrote it down"),
                    ("page", "on the page of the registration"),
                    ("handover", "when taking over a colleague’s place"),
                    ("group", "registered together with colleagues"),
                    ("erasure", "together with the erasure of the data"),
                    ("earlier", "not noted at that time"),
                ],
                default="form",
                max_length=10,
            ),
        ),
        migrations.AlterField(
            model_name="consent",
            name="text",
            field=models.TextField(help_text="The words as they were shown."),
        ),
    ]
