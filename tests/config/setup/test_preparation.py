import json

import pytest
from django.apps import apps
from django.conf import settings as ours
from django.test import override_settings

from config.apps import StaticFiles
from config.setup import preparation


def test_static_files_are_collected_once_and_every_reference_in_them_is_found(front_end, tmp_path, monkeypatch):
    monkeypatch.setattr(apps.get_app_config("staticfiles"), "ignore_patterns", StaticFiles.ignore_patterns)
    storages = ours.STORAGES | {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
    with override_settings(STORAGES=storages, STATIC_ROOT=str(tmp_path / "static")):
        assert preparation.static_files() == "collected"
        assert preparation.static_files() == "there"
        names = json.loads((tmp_path / "static" / "staticfiles.json").read_text())["paths"]
    assert "bootstrap-italia/css/bootstrap-italia.min.css" in names
    assert not [name for name in names if name.startswith("axe/")]


def test_database_that_is_up_to_date_is_left_alone(db):
    assert "applied" not in preparation.database()


@pytest.mark.parametrize(
    ("name", "is_first", "commands"),
    [
        (None, True, [("load_programme", "vlt"), ("demo",)]),
        ("vlt", True, [("load_programme", "vlt"), ("demo",)]),
        ("other.toml", True, [("load_programme", "other.toml")]),
        (None, False, []),
        ("vlt", False, [("load_programme", "vlt")]),
        ("other.toml", False, [("load_programme", "other.toml")]),
    ],
)
def test_only_vlt_gets_a_demo_and_only_at_first(name, is_first, commands):
    assert preparation.loading_commands(name, is_first=is_first) == commands
