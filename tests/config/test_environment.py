"""A wrong setting names itself before anything starts."""

import os
import re
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from config import environment
from config.running import up

pytestmark = pytest.mark.alone

WRONG = {
    "DATABASE_URL": "mongo://nowhere",
    "REDIS_URL": "http://127.0.0.1",
    "EMAIL_URL": "pigeon://roof",
    "BOUNCE_ADDRESS": "nobody",
    "BOUNCE_MAILBOX": "imap://user:password@mail.example/INBOX",
    "MAIL_WEBHOOK_SECRET": "short",
    "SITE_URL": "vlt.example.org",
    "DEBUG": "perhaps",
    "SENTRY_DSN": "nonsense",
    "DEFAULT_FROM_EMAIL": "nobody",
    "ALLOWED_HOSTS": "https://vlt.example.org/",
    "TRUSTED_PROXY_COUNT": "one",
    "DATA_DIR": "/dev/null/convivio",
    "DKIM_SELECTOR": "two words",
    "DKIM_KEY": "nonsense",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [*WRONG.items(), *(("DATABASE_URL", url) for url in ("mysql://a/b", "foo://a", "oracle://a/b", "postgresql", " "))],
)
def test_wrong_setting_is_a_sentence_that_names_it(name, value, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DKIM_SELECTOR": "convivio"} | {name: value},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: ")
    assert name in last
    assert len(last) < 250  # a sentence, no list of drivers


def test_key_without_the_name_under_which_it_is_found_is_refused(tmp_path):
    key = tmp_path / "dkim.pem"
    key.write_text("…")
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings"],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "DKIM_KEY_FILE": str(key)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert "ImproperlyConfigured: DKIM_SELECTOR is not set, but DKIM_KEY is" in done.stderr


def test_setting_can_be_read_from_a_file(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_text("from a file\n")
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    assert environment.text("SECRET_KEY") == "from a file"


def test_missing_file_of_a_setting_names_the_variable_and_the_path(tmp_path, monkeypatch):
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(tmp_path / "nowhere"))
    with pytest.raises(ImproperlyConfigured, match=r"SECRET_KEY_FILE: .*nowhere cannot be read"):
        environment.text("SECRET_KEY")


@pytest.mark.parametrize(("content", "reason"), [(b" \n", "is empty"), (b"\xff\xfe", "it is not text")])
def test_file_of_a_setting_without_text_names_the_variable_and_the_path(tmp_path, monkeypatch, content, reason):
    path = tmp_path / "secret"
    path.write_bytes(content)
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    with pytest.raises(ImproperlyConfigured, match=f"SECRET_KEY_FILE: .*secret .*{reason}"):
        environment.text("SECRET_KEY", "")


def test_setting_given_twice_names_both(tmp_path, monkeypatch):
    path = tmp_path / "secret"
    path.write_text("from a file")
    monkeypatch.setenv("SECRET_KEY_FILE", str(path))
    monkeypatch.setenv("SECRET_KEY", "from the environment")
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY and SECRET_KEY_FILE are both set"):
        environment.text("SECRET_KEY")
    monkeypatch.setenv("SECRET_KEY", "")
    assert environment.text("SECRET_KEY") == "from a file"


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_postgresql_has_two_names(monkeypatch, scheme):
    monkeypatch.setenv("DATABASE_URL", f"{scheme}://vlt:secret@db/vlt")
    assert environment.database("DATABASE_URL", "")["ENGINE"] == "django.db.backends.postgresql"


def test_setting_without_default_must_be_there(monkeypatch):
    monkeypatch.delenv("DATABASE_URL", raising=False)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL is not set"):
        environment.text("DATABASE_URL")


@pytest.fixture
def bare(monkeypatch):
    """An environment without our settings; what the test sets is taken back."""
    names = ("DATA_DIR", "SITE_URL", "SITE_URL_FILE", "REDIS_URL", "REDIS_URL_FILE", up.OWN_REDIS, up.OWN_CERTIFICATE)
    for name in names:
        monkeypatch.setenv(name, "")
    return monkeypatch


def test_up_chooses_the_address_and_a_redis_of_its_own(bare, tmp_path):
    up.set_environment(["--port", "8123", "--data", str(tmp_path), "--verbosity", "2"])
    assert os.environ["SITE_URL"] == "http://127.0.0.1:8123"
    assert os.environ["DATA_DIR"] == str(tmp_path)
    assert os.environ["REDIS_URL"].startswith("redis://:")
    assert os.environ[up.OWN_REDIS] == "1"


def test_up_with_settings_from_outside_leaves_them(bare):
    bare.setenv("SITE_URL", "https://vlt.example.org")
    bare.setenv("REDIS_URL", "redis://elsewhere:6379/0")
    up.set_environment([])
    assert os.environ["SITE_URL"] == "https://vlt.example.org"
    assert os.environ["REDIS_URL"] == "redis://elsewhere:6379/0"
    assert os.environ[up.OWN_REDIS] == ""


def test_up_with_https_is_open_to_phones(bare):
    up.set_environment(["--https"])
    assert os.environ["SITE_URL"].startswith("https://")
    assert up.listening_host(None, True) == "0.0.0.0"
    assert up.listening_host("::1", True) == "::1"
    assert up.bracketed("::1") == "[::1]"


@pytest.mark.parametrize("options", [[], ["--https"]])
def test_hsts_is_sent_with_a_real_certificate_only(bare, tmp_path, options):
    bare.setenv("SITE_URL", "https://vlt.example.org")
    up.set_environment([*options, "--data", str(tmp_path)])
    script = "from config import settings; print(getattr(settings, 'SECURE_HSTS_SECONDS', 0) > 0)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.strip() == str(not options)


def test_every_setting_stands_in_the_operators_page():
    source = (settings.BASE_DIR / "config" / "settings.py").read_text()
    names = set(re.findall(r'environment\.\w+\(\s*"([A-Z_]+)"', source))
    page = (settings.BASE_DIR / "docs" / "operating.md").read_text()
    assert {"DATABASE_URL", "SITE_URL", "SECRET_KEY"} <= names
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []
