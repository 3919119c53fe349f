"""The named cast and what every test needs. Who is who reads as a sentence in a permission test.

In the programme `vlt` with the provinces Pisa and Lucca:
Carla coordinates · Piero organises in Pisa, Lucia in Lucca · Dora stands at Pisa's door · Fabio facilitates in Pisa ·
Nora writes the newsletters · Vito only looks · `stranger` is nobody · Anna takes part.
"""

import os
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.core.cache import cache
from django.utils import translation

from config.setup import frontend
from registrations.models import Evidence
from tests import postgresql
from tests.make import make_organisation, make_programme, make_staff, make_territory

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # the browser's driver keeps an event loop in this thread


@pytest.hookimpl(trylast=True)  # what -k and -m leave out is out already
def pytest_collection_modifyitems(config, items):
    """Where the second run is wanted, `test_postgresql.py` stands last and waits for it, and it alone makes what is to
    be made once."""
    waiting = [item for item in items if item.path.name == "test_postgresql.py"]
    if not waiting or len(items) == len(waiting) or postgresql.INNER in os.environ:
        return
    config.wants_second_run = True
    once = [item for item in items if item.get_closest_marker("once")]
    items[:] = [item for item in items if item not in waiting and item not in once] + waiting
    config.hook.pytest_deselected(items=once)


def pytest_collection_finish(session):
    """Start the second run early, so that both end together."""
    if getattr(session.config, "wants_second_run", False) and not session.config.option.collectonly:
        session.config.second_run = postgresql.SecondRun()


def pytest_unconfigure(config):
    if hasattr(config, "second_run"):
        config.second_run.stop()


@pytest.fixture(autouse=True)
def _clean_slate(settings, tmp_path, monkeypatch):
    """No cached answer, no written file and no language is left from another test."""
    cache.clear()
    translation.activate(settings.LANGUAGE_CODE)
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.MAIL_DIR = tmp_path / "mail"
    settings.STORAGES = settings.STORAGES | {
        "private": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "private", "base_url": None},
        }
    }
    held = Evidence.file.field.storage  # by the models, since they were loaded
    monkeypatch.setattr(held, "location", str(tmp_path / "private"))


@pytest.fixture(scope="session")
def front_end():
    """The design system and the other npm packages, for the tests that open a browser."""
    frontend.install()
    return settings.FRONTEND_DIR


@pytest.fixture
def programme(db):
    programme = make_programme(slug="vlt")
    make_organisation(programme, "Confartigianato Imprese Toscana", role="lead", slug="confartigianato")
    make_organisation(programme, "Unione europea", role="funder", slug="ue")
    return programme


@pytest.fixture
def pisa(programme):
    return make_territory(programme, "Pisa", istat_code="050", sigla="PI", iso_code="IT-PI")


@pytest.fixture
def lucca(programme):
    return make_territory(programme, "Lucca", istat_code="046", sigla="LU", iso_code="IT-LU")


@pytest.fixture
def cast(programme, pisa, lucca):
    """Everybody who works here, by first name."""
    people = {
        "carla": ("coordinator", None),
        "piero": ("organiser", pisa),
        "lucia": ("organiser", lucca),
        "dora": ("door", pisa),
        "fabio": ("facilitator", pisa),
        "nora": ("communications", None),
        "vito": ("viewer", None),
    }
    return SimpleNamespace(
        **{
            name: make_staff(programme, role, territory, first_name=name.capitalize(), email=f"{name}@vlt.example")
            for name, (role, territory) in people.items()
        }
    )


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """Where `CONVIVIO_ALL_TESTS` is set nothing may be skipped."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CONVIVIO_ALL_TESTS") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
