"""From here on the database itself refuses to change a row of the ledger.

A later migration that rebuilds the table on SQLite (most changes of a column do) drops the trigger with it and has to
run `keep` again.
"""

from django.db import migrations, models

TRIGGER = "consent_is_never_changed"
KEEP = {
    "sqlite": [
        f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON registrations_consent "
        f"BEGIN SELECT RAISE(ABORT, '{TRIGGER}'); END",
        f"CREATE TRIGGER {TRIGGER}_by_replacing BEFORE INSERT ON registrations_consent "
        "WHEN EXISTS (SELECT 1 FROM registrations_consent WHERE id = NEW.id) "
        f"BEGIN SELECT RAISE(ABORT, '{TRIGGER}'); END",
    ],
    "postgresql": [
        f"CREATE FUNCTION {TRIGGER}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{TRIGGER}' USING ERRCODE = 'integrity_constraint_violation'; END $$",
        f"CREATE TRIGGER {TRIGGER} BEFORE UPDATE ON registrations_consent "
        f"FOR EACH ROW EXECUTE FUNCTION {TRIGGER}()",
    ],
}
LET_GO = {
    "sqlite": [f"DROP TRIGGER {TRIGGER}", f"DROP TRIGGER {TRIGGER}_by_replacing"],
    "postgresql": [f"DROP TRIGGER {TRIGGER} ON registrations_consent", f"DROP FUNCTION {TRIGGER}()"],
}


def keep(apps, schema_editor):
    for statement in KEEP[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def let_go(apps, schema_editor):
    for statement in LET_GO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("registrations", "0005_what_was_agreed_before")]
    operations = [
        migrations.RemoveField(model_name="consent", name="withdrawn_at"),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(
                condition=models.Q(("act__in", ["given", "withdrawn"])), name="consent_act_is_known"
            ),
        ),
        migrations.RunPython(keep, let_go),
    ]
