"""What `manage.py check` says about the settings, beyond what is plainly wrong (that stops `config/settings.py`).

Nothing is called over the network here: whether database and broker answer is `/readyz`'s business. With `--deploy` it
also names what is fine on a laptop and not on a server.
"""

from django.conf import settings
from django.core.checks import Error, Tags, Warning, register
from django.http.request import validate_host

from core import catalogues


@register(Tags.urls)
def site_is_answered(app_configs, **kwargs) -> list[Error]:
    if validate_host(settings.SITE_HOST, settings.ALLOWED_HOSTS):
        return []
    sentence = f"ALLOWED_HOSTS does not name {settings.SITE_HOST}, the host of SITE_URL."
    return [Error(sentence, hint="Every link in a mail would be refused. Add it.", id="convivio.E001")]


@register(Tags.translation)
def translations_are_compiled(app_configs, **kwargs) -> list[Warning]:
    """Without them every page is in English and no Italian address exists."""
    if all(catalogues.is_compiled(path) for path in catalogues.catalogues(settings.BASE_DIR)):
        return []
    hint = "Run `manage.py prepare` (or `manage.py translations --compile`)."
    return [Warning("The translations are not compiled, or older than their catalogue.", hint=hint, id="convivio.W001")]


@register(deploy=True)
def fit_for_a_server(app_configs, **kwargs) -> list[Warning]:
    owed = []
    if not settings.SITE_URL.startswith("https://"):
        hint = "Set it to the public https address: tickets, links in mails and cookies depend on it."
        owed.append(Warning(f"SITE_URL is {settings.SITE_URL}.", hint=hint, id="convivio.W002"))
    if not settings.REDIS_URL:
        hint = "Without it no worker hears of anything and every process has a cache of its own."
        owed.append(Warning("REDIS_URL is not set.", hint=hint, id="convivio.W003"))
    if not settings.EMAIL_URL:
        hint = f"Mail is written to {settings.MAIL_DIR} and reaches nobody. Set it to your mail server."
        owed.append(Warning("EMAIL_URL is not set.", hint=hint, id="convivio.W004"))
    if settings.SECRET_KEY_IS_KEPT_HERE:
        hint = f"It is kept in {settings.DATA_DIR}; several hosts need the same one. Set it, or SECRET_KEY_FILE."
        owed.append(Warning("SECRET_KEY is not set.", hint=hint, id="convivio.W005"))
    return owed
