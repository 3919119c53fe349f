import os
import secrets
import subprocess
import sys

import pytest
from django.conf import settings as ours

from config import checks

pytestmark = pytest.mark.alone

PRODUCTION = {
    "DATABASE_URL": "postgres://convivio:secret@db.example/convivio",
    "REDIS_URL": "redis://redis.example:6379/0",
    "EMAIL_URL": "smtp+tls://convivio:secret@mail.example:587",
    "SITE_URL": "https://vlt.example.org",
    "DEFAULT_FROM_EMAIL": "Vita Lavoro Toscana <info@vlt.example.org>",
}


def checked(tmp_path, *options: str, **over: str) -> subprocess.CompletedProcess:
    values = PRODUCTION | {"SECRET_KEY": secrets.token_urlsafe(50), "DATA_DIR": str(tmp_path)} | over
    return subprocess.run(
        [sys.executable, "manage.py", "check", *options],
        cwd=ours.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | values,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_check_with_production_settings_is_clean(tmp_path):
    done = checked(tmp_path, "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr


def test_check_with_a_setting_that_would_fail_is_an_error_that_names_it(tmp_path):
    done = checked(tmp_path, ALLOWED_HOSTS="www.example.org")
    assert done.returncode == 1
    assert "ALLOWED_HOSTS does not name vlt.example.org" in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "check_id"),
    [
        ("SITE_URL", "http://vlt.example.org", "convivio.W002"),
        ("REDIS_URL", "", "convivio.W003"),
        ("EMAIL_URL", "", "convivio.W004"),
        ("SECRET_KEY_IS_KEPT_HERE", True, "convivio.W005"),
    ],
)
def test_setting_for_a_laptop_is_named_before_it_goes_to_a_server(settings, name, value, check_id):
    settings.SITE_URL, settings.SECRET_KEY_IS_KEPT_HERE = PRODUCTION["SITE_URL"], False
    settings.REDIS_URL, settings.EMAIL_URL = PRODUCTION["REDIS_URL"], PRODUCTION["EMAIL_URL"]
    assert checks.fit_for_a_server(None) == []
    setattr(settings, name, value)
    assert [found.id for found in checks.fit_for_a_server(None)] == [check_id]


def test_catalogue_without_its_compiled_file_is_named(settings, tmp_path):
    assert checks.translations_are_compiled(None) == []
    catalogue = tmp_path / "locale" / "it" / "LC_MESSAGES" / "django.po"
    catalogue.parent.mkdir(parents=True)
    catalogue.write_text("")
    settings.BASE_DIR = tmp_path
    assert [found.id for found in checks.translations_are_compiled(None)] == ["convivio.W001"]
