"""What the system costs, measured on the real code path beside this machine's own ceiling in the same run.

One module a subject, each with `measure(stage, report)`; `manage.py bench NAME` finds it by its name. `stage` is where
it plays (a throw-away database, Redis and web server), `measuring` how it is counted. No test asserts a time: a figure
is worth something only beside the ceiling that was measured on the same machine in the same minute.
"""

import importlib
import pkgutil

SHARED = {"stage", "measuring", "bare", "sink", "chromium", "readers", "weighing", "one_registration"}


def names() -> list[str]:
    return sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name not in SHARED)


def measure_of(name: str):
    return importlib.import_module(f"{__name__}.{name}").measure
