#!/usr/bin/env python
"""Runs every command of Convivio: `up`, `load_programme`, `demo`, `bench`, and Django's own."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["up"]:
        from config.running.up import set_environment

        set_environment(sys.argv[2:])
    elif sys.argv[1:2] in (["bench"], ["kill_matrix"]):
        from config.bench.stage import set_environment

        set_environment(sys.argv[2:])
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"Convivio cannot start. {error}")


if __name__ == "__main__":
    main()
