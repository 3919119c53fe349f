"""What the tests of programmes in files count and compare."""

from django.apps import apps

from config import programme as loading

FILE = loading.CATALOGUE / "vlt.toml"
ROOMS = ["programmes", "events", "newsletters"]


def row_counts() -> dict[str, int]:
    return {
        model._meta.label: model.objects.count() for room in ROOMS for model in apps.get_app_config(room).get_models()
    }


def everything() -> dict[str, list]:
    return {
        model._meta.label: list(model.objects.order_by("pk").values())
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
    }
