from django.apps import AppConfig


class EventsConfig(AppConfig):
    name = "events"

    def ready(self):
        from auditlog.registry import auditlog

        from events.models import Event

        counted = ["in_person_taken", "online_taken", "changed_at", "sequence", "template_values"]
        auditlog.register(Event, exclude_fields=counted)
