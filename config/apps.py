from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig

import worker  # noqa: F401  (the app that `shared_task` binds to, in the web process too)


class ConfigConfig(AppConfig):
    name = "config"
    default = True  # of the two in this file

    def ready(self):
        from config import checks, sqlite


class StaticFiles(StaticFilesConfig):
    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "axe"]  # for tests only, never collected
