"""The web server's way in.

Everything is loaded here, before the server makes its workers, so that they share it; and what is loaded stays, so the
garbage collector need not look through it again and again (a fifth of the CPU of a page).
"""

import gc
import importlib
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
importlib.import_module(settings.ROOT_URLCONF)
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 10, 10)
