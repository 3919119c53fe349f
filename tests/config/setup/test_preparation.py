import json

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
