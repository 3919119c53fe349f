"""Becomes one child of `up`: `python launcher.py LOCK PARENT COMMAND…`.

The child takes an exclusive lock on its own file and keeps it as long as it or a process it started lives, so the next
`up` can tell whether a pid written there is still ours. On Linux the kernel also ends it when its parent dies, even by
`kill -9`. Standard library only: it runs before anything else is loaded.
"""

import ctypes
import fcntl
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PATIENCE = 20
"""Seconds: what a predecessor started may hold the lock a little longer than it lives."""


def _hold(file: int) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def main(lock: str, parent: str, *command: str) -> None:
    file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    _hold(file)
    os.ftruncate(file, 0)
    os.write(file, str(os.getpid()).encode())
    os.set_inheritable(file, True)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        sys.exit("The process that started this one is gone.")
    os.execvp(command[0], command)  # noqa: S606


if __name__ == "__main__":
    main(*sys.argv[1:])
