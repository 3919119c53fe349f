"""From here on the database itself refuses to change a fact about presence, or a correction.

Not held: who a row points to (`registration_id`, `device_id`, `by_id`), which may be forgotten, and a note, which may
be emptied. A later migration that rebuilds one of the tables on SQLite (most changes of a column do) drops its triggers
and has to run `keep` again.
"""

from django.db import migrations

KEPT = {
    "scan": [
        "event_id", "nonce", "code", "mode", "direction", "source", "status", "reason", "is_forced", "at",
        "device_at", "clock_offset", "received_at", "evidence_id",
    ],
    "correction": ["scan_id", "kind", "at", "received_at"],
}  # fmt: skip


def keep(apps, schema_editor):
    for table, columns in KEPT.items():
        name = f"{table}_is_never_changed"
        if schema_editor.connection.vendor == "sqlite":
            changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in columns)
            refuse = f"BEGIN SELECT RAISE(ABORT, '{name}'); END"
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON registrations_{table} WHEN {changed} {refuse}"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name}_by_replacing BEFORE INSERT ON registrations_{table} "
                f"WHEN EXISTS (SELECT 1 FROM registrations_{table} WHERE id = NEW.id) {refuse}"
            )
        else:
            changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in columns)
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"RAISE EXCEPTION '{name}' USING ERRCODE = 'integrity_constraint_violation'; END $$"
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON registrations_{table} FOR EACH ROW "
                f"WHEN ({changed}) EXECUTE FUNCTION {name}()"
            )


def let_go(apps, schema_editor):
    for table in KEPT:
        name = f"{table}_is_never_changed"
        if schema_editor.connection.vendor == "sqlite":
            schema_editor.execute(f"DROP TRIGGER {name}")
            schema_editor.execute(f"DROP TRIGGER {name}_by_replacing")
        else:
            schema_editor.execute(f"DROP TRIGGER {name} ON registrations_{table}")
            schema_editor.execute(f"DROP FUNCTION {name}()")


class Migration(migrations.Migration):
    dependencies = [("registrations", "0008_what_was_taken_back_before")]
    operations = [
        migrations.RemoveField(model_name="scan", name="annulled_at"),
        migrations.RunPython(keep, let_go),
    ]
