"""Settings of the tests: a throw-away data directory, nothing leaves the machine."""

import os
import tempfile

os.environ.setdefault("DATA_DIR", tempfile.mkdtemp(prefix="convivio-tests-"))
os.environ.setdefault("SECRET_KEY", "a key for tests only")
os.environ["SITE_URL"] = "http://testserver"

from config.settings import *  # noqa: E402, F403
from core.catalogues import compile_all  # noqa: E402

compile_all(BASE_DIR)  # noqa: F405  before Django reads a catalogue for the first time

FRONTEND_DIR = BASE_DIR / "var" / "frontend"  # noqa: F405  kept between runs; the fixture `front_end` fills it
FRONTEND_DIR.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static", FRONTEND_DIR]  # noqa: F405
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = True  # the browser tests get the files where they are written
ALLOWED_HOSTS = ["*"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
PUBLIC_PAGE_SECONDS = 0  # pages are tested as they are drawn; test_public_page turns it on
CELERY_TASK_ALWAYS_EAGER = False
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405
    # a file, so that threads meet the same locks as processes do
    DATABASES["default"]["TEST"] = {"NAME": f"{DATA_DIR}/test.sqlite3"}  # noqa: F405
