"""All settings of Convivio, read from the environment (docs/operating.md lists them)."""

import os
import secrets
from email.utils import parseaddr
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from config import environment, returns
from worker.schedule import TIMETABLE

BASE_DIR = Path(__file__).resolve().parent.parent

# State: everything the system writes on its own is under DATA_DIR.
DATA_DIR = Path(environment.text("DATA_DIR", "") or BASE_DIR / "var").resolve()
try:
    DATA_DIR.mkdir(parents=True, exist_ok=True, mode=0o700)
except OSError as error:
    raise ImproperlyConfigured(f"DATA_DIR is wrong: {DATA_DIR} cannot be made ({error.strerror}).") from error
_running = environment.of_running_up(DATA_DIR)


def _kept_secret() -> str:
    """The key made on the first start and kept beside the data it protects."""
    path = DATA_DIR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="utf-8")
    return path.read_text(encoding="utf-8").strip()


DEBUG = environment.flag("DEBUG")
SECRET_KEY = environment.text("SECRET_KEY", "")
SECRET_KEY_IS_KEPT_HERE = not SECRET_KEY
if SECRET_KEY_IS_KEPT_HERE:
    SECRET_KEY = _kept_secret()
SITE_URL = environment.text("SITE_URL", _running.get("SITE_URL", "http://127.0.0.1:8000")).rstrip("/")
_site = urlsplit(SITE_URL)
if _site.scheme not in {"http", "https"} or not _site.hostname:
    raise ImproperlyConfigured(
        f"SITE_URL is wrong: expected an address such as https://vlt.example.org, not “{SITE_URL}”."
    )
SITE_HOST = _site.hostname
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS") or [SITE_HOST, "localhost", "127.0.0.1", "[::1]"]
if any("/" in host for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured("ALLOWED_HOSTS is wrong: expected names such as vlt.example.org, without https://.")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

INSTALLED_APPS = [
    "config",
    "newsletters",
    "registrations",
    "events",
    "accounts",
    "programmes",
    "mail",
    "core",
    "anymail",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "auditlog",
    "csp",
    "django_htmx",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "config.apps.StaticFiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "config.middleware.addresses_without_nul",
    "core.via.carry",
    "newsletters.middleware.count_visits",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "programmes.context.frame",
            ],
        },
    }
]

# Database: SQLite by default, PostgreSQL by DATABASE_URL.
DATABASES = {"default": environment.database("DATABASE_URL", f"sqlite:///{DATA_DIR / 'convivio.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        " PRAGMA secure_delete=ON;",
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Broker and cache: one Redis. `up` starts its own when REDIS_URL is not set.
REDIS_URL = environment.text("REDIS_URL", _running.get("REDIS_URL", ""))
if REDIS_URL and urlsplit(REDIS_URL).scheme not in {"redis", "rediss"}:
    raise ImproperlyConfigured("REDIS_URL is wrong: expected redis://host:6379/0.")
if REDIS_URL:
    CACHES = {
        "default": {
            "BACKEND": "config.cache.CalmRedisCache",
            "LOCATION": REDIS_URL,
            "OPTIONS": {"socket_timeout": 1, "socket_connect_timeout": 1},
        }
    }
PUBLIC_PAGE_SECONDS = 0 if DEBUG else 10  # how long a page that all strangers see alike is kept (core/public_page.py)
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 5, "socket_connect_timeout": 5, "max_retries": 1}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "Europe/Rome"
CELERY_BEAT_SCHEDULE = TIMETABLE
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "beat-schedule")

# Languages. Italian has no prefix in the address, the others do.
LANGUAGE_CODE = "it"
LANGUAGES = [("it", _("Italian")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Rome"
USE_TZ = True

# Files. FRONTEND_DIR is filled from the npm packages by config/setup/frontend.py.
FRONTEND_DIR = DATA_DIR / "frontend"
FRONTEND_DIR.mkdir(exist_ok=True)
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static", FRONTEND_DIR]
MEDIA_URL = "/media/"
MEDIA_ROOT = DATA_DIR / "media"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    "private": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private", "base_url": None},
    },
}
FILE_UPLOAD_PERMISSIONS = 0o640
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000

# Mail leaves through the outbox of the room `mail`; EMAIL_URL only says by which transport.
EMAIL_URL = environment.text("EMAIL_URL", "")
if EMAIL_URL and urlsplit(EMAIL_URL).scheme not in {"smtp", "smtps", "smtp+tls", "smtp+ssl"}:
    raise ImproperlyConfigured("EMAIL_URL is wrong: expected smtp+tls://user:password@host:587.")
EMAIL_BACKEND = "mail.backend.OutboxBackend"
DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL", f"Vita Lavoro Toscana <info@{SITE_HOST}>")
if "@" not in parseaddr(DEFAULT_FROM_EMAIL)[1]:
    raise ImproperlyConfigured("DEFAULT_FROM_EMAIL is wrong: expected “Vita Lavoro Toscana <info@vlt.example.org>”.")
MAIL_DIR = DATA_DIR / "mail"
# The key that signs what leaves. A selector without a key: the relay signs under that name.
DKIM_KEY, DKIM_SELECTOR = environment.text("DKIM_KEY", ""), environment.text("DKIM_SELECTOR", "")
if DKIM_KEY and not DKIM_SELECTOR:
    raise ImproperlyConfigured("DKIM_SELECTOR is not set, but DKIM_KEY is: receivers look for the key under that name.")
if DKIM_SELECTOR:
    from mail import signing

    environment.parsed("DKIM_SELECTOR", "", signing.read_selector, "a name such as “convivio2026”")
    if DKIM_KEY:
        environment.parsed("DKIM_KEY", "", signing.read_key, "a PEM without a password, RSA ≥ 2048 bits or Ed25519")

# What comes back: to which address, from which mailbox it is fetched, and what a provider may post here.
BOUNCE_ADDRESS = environment.parsed("BOUNCE_ADDRESS", "", returns.bounce_address, returns.AN_ADDRESS)
BOUNCE_MAILBOX = environment.parsed("BOUNCE_MAILBOX", "", returns.mailbox, returns.A_MAILBOX)
MAIL_WEBHOOK_SECRET = environment.parsed("MAIL_WEBHOOK_SECRET", "", returns.webhook_secret, returns.A_WEBHOOK_PAIR)
ANYMAIL = {
    "WEBHOOK_SECRET": MAIL_WEBHOOK_SECRET,
    "MAILGUN_WEBHOOK_SIGNING_KEY": environment.text("MAILGUN_WEBHOOK_SIGNING_KEY", ""),
}

# Who works here, and the trail of what they did (without the addresses of their machines).
AUDITLOG_DISABLE_REMOTE_ADDR = True
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.permissions.RoleBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "accounts:desk"
ACCOUNT_ADAPTER = "accounts.adapter.StaffAccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 600
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True  # asks accounts.adapter, which sends nothing but takes as long
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_EMAIL_NOTIFICATIONS = True
ALLAUTH_TRUSTED_PROXY_COUNT = environment.parsed("TRUSTED_PROXY_COUNT", "0", int, "a number of proxies")
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Convivio"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_URL.startswith("https://")

# What a browser may do here: nothing from another host.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "style-src": [SELF],
        "font-src": [SELF, "data:"],  # Bootstrap Italia's stylesheet holds an icon font for its video player
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # our own previews of mails stand in a frame of our own pages
SESSION_COOKIE_AGE = 60 * 60 * 24 * 14
if SITE_URL.startswith("https://"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = not environment.flag("INSECURE_HTTP_ALLOWED")
    SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz|metrics)$"]  # asked from inside, without the proxy
    if not os.environ.get("CONVIVIO_OWN_CERTIFICATE"):  # made by `up --https`: good for a day, not for a year
        SECURE_HSTS_SECONDS = 60 * 60 * 24 * 365
        SECURE_HSTS_INCLUDE_SUBDOMAINS = True
        SECURE_HSTS_PRELOAD = True

# No personal data in logs: neither addresses of people nor their personal links reach a log line (core/logs.py).
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"nothing personal": {"()": "core.logs.NothingPersonal"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["nothing personal"]},
    },
    "loggers": {
        name: {"filters": ["nothing personal"]}  # before anybody else's handler, too
        for name in ("django.request", "django.security.csrf", "celery.app.trace")
    },
    "root": {"handlers": ["console"], "level": "INFO"},
}
SENTRY_DSN = environment.text("SENTRY_DSN", "")
if SENTRY_DSN:
    import sentry_sdk

    environment.parsed("SENTRY_DSN", "", sentry_sdk.utils.Dsn, "https://key@host/number")
    sentry_sdk.init(SENTRY_DSN, send_default_pii=False)
