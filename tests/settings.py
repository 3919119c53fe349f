"""Settings of the tests: a throw-away data directory, nothing leaves the machine."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="convivio-tests-"))
os.environ.setdefault("SECRET_KEY", "a key for tests only")
os.environ["SITE_URL"] = "http://testserver"

from config.settings import *  # noqa: E402, F403

ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
CELERY_TASK_ALWAYS_EAGER = False
