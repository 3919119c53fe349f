from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

import worker  # noqa: F401  (the app that `shared_task` binds to, in the web process too)


class ConfigConfig(AppConfig):
    name = "config"


class StaticFiles(StaticFilesConfig):
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "axe"]  # for tests only, never collected
