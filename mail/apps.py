from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class MailConfig(AppConfig):
    name = "mail"

    def ready(self) -> None:
        from mail import receivers

        autodiscover_modules("emails")
