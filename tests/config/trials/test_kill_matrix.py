"""Nobody twice, nobody lost: the small kill matrix, with real workers, on both databases (decision 20)."""

import json
import os
import subprocess
import sys

import pytest
from django.conf import settings

from config.trials.kill_matrix import Plan

pytestmark = pytest.mark.alone

LEFT_BEHIND = {"DATA_DIR", "DATABASE_URL", "REDIS_URL", "SITE_URL", "DJANGO_SETTINGS_MODULE", "SECRET_KEY", "EMAIL_URL"}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_everybody_gets_it_once_while_workers_die(database, tmp_path):
    options = ["--recipients", "500", "--workers", "2", "--kills", "5", "--flushes", "1", "--database-restarts", "1"]
    told = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "manage.py", "kill_matrix", "--database", database, *options, "--json", str(told)],
        cwd=settings.BASE_DIR,
        env={name: value for name, value in os.environ.items() if name not in LEFT_BEHIND},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stdout
    rows = {row["name"]: row for row in json.loads(told.read_text())["rows"]}
    assert (rows["blows"]["kill"], rows["blows"]["flush"], rows["blows"]["crash"]) == (5, 1, 1)
    assert rows["a planted double and a planted loss are found"]["yes"] is True
    assert rows["the outbox"]["sent"] + rows["in doubt, by name"]["people"] <= 500
    assert rows["rules broken"]["number"] == 0


def test_blows_are_the_same_with_the_same_seed_and_fall_while_something_is_sent():
    plan = Plan(recipients=500, workers=2, kills=5, flushes=2, crashes=1, seed=7)
    assert plan.blows() == plan.blows()
    assert {name for _at, name in plan.blows()} == {"kill", "flush", "crash", "unsubscribe"}
    assert all(0 < at < 500 for at, _name in plan.blows())
