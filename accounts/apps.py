from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self):
        from auditlog.registry import auditlog

        from accounts import desk
        from accounts.models import Membership, User

        auditlog.register(Membership)
        auditlog.register(User, exclude_fields=["last_login", "password"])
        desk.nav(_("Who works here"), "accounts:people", permission="accounts.view", order=80, icon="it-user")
        desk.nav(_("Mail"), "mail:home", permission="mail.view", order=90, icon="it-mail")
        autodiscover_modules("desk")
