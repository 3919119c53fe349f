"""`manage.py up`: the whole system with one command, from nothing to a site that answers.

It prepares what is missing, starts the processes and stays until Ctrl-C; run again, it goes on with the same data.
"""

import os
import time
from collections.abc import Callable

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import Membership
from config.running import processes, tls, up
from config.running.supervisor import Supervisor, SupervisorError, check_port
from config.setup import preparation
from config.setup.frontend import FrontendError
from config.setup.preparation import PreparationError

ACCOUNTS_SHOWN = 12


class Command(BaseCommand):
    help = "Prepares what is missing and starts web server, Celery worker, beat and (without REDIS_URL) Redis."
    requires_system_checks = []  # only after the translations are compiled: a sentence read before would stay English

    def add_arguments(self, parser):
        up.add_arguments(parser)

    def handle(self, *args, **options):
        try:
            with Supervisor(settings.DATA_DIR) as supervisor:
                self._run(supervisor, **options)
        except (SupervisorError, PreparationError, FrontendError) as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            pass
        self.stdout.write("Convivio has stopped. The data stays; `up` goes on from here.")

    def _run(self, supervisor: Supervisor, *, port, programme, empty, https, **options):
        host = up.listening_host(options["host"], https)
        check_port(host, port)
        self.stdout.write(f"Convivio, with its data in {settings.DATA_DIR}")
        for name, step in preparation.steps():
            self._step(supervisor, name, step)
        self.check()
        if os.environ.get(up.OWN_REDIS):
            self._step(supervisor, "Redis", lambda: self._start_redis(supervisor))
        supervisor.tell(SITE_URL=settings.SITE_URL, REDIS_URL=settings.REDIS_URL)
        if not empty:
            self._step(supervisor, "programme", lambda: preparation.programme(programme))
        certificate = self._certificate(host) if https else None
        self._step(supervisor, "web server", lambda: self._start_web(supervisor, host, port, certificate))
        self._step(supervisor, "worker and beat", lambda: self._start_tasks(supervisor))
        self._welcome(host, port, https)
        supervisor.watch(self.stdout.write)

    def _step(self, supervisor: Supervisor, name: str, work: Callable[[], str]) -> None:
        if supervisor.stopping:
            raise KeyboardInterrupt
        self.stdout.write(f"  {name:<20}", ending="")
        self.stdout.flush()
        began = time.monotonic()
        result = work()
        self.stdout.write(f"{time.monotonic() - began:6.1f} s  {result}")

    def _start_redis(self, supervisor: Supervisor) -> str:
        child = supervisor.start("redis", processes.redis(settings.DATA_DIR / "redis"))
        port = up.port_of(settings.REDIS_URL)
        supervisor.wait_for(child, lambda: processes.listens(port), seconds=10)
        return "started"

    def _start_web(self, supervisor: Supervisor, host: str, port: int, certificate) -> str:
        child = supervisor.start("web server", processes.web(host, port, certificate))
        supervisor.wait_for(child, lambda: processes.is_healthy(host, port, certificate), seconds=60)
        return "ready"

    def _start_tasks(self, supervisor: Supervisor) -> str:
        supervisor.start("worker", processes.worker())
        supervisor.start("beat", processes.beat())
        return "started"

    def _certificate(self, host: str):
        names = ["localhost", "127.0.0.1", "::1", *up.lan_addresses(), settings.SITE_HOST]
        return tls.certificate(settings.DATA_DIR / "tls", [*names, up.public_host(host)])

    def _welcome(self, host: str, port: int, https: bool) -> None:
        write = self.stdout.write
        write(f"\n  Ready:       {settings.SITE_URL}/")
        write(f"  Staff desk:  {settings.SITE_URL}/gestione/")
        if https:
            write("  The browser warns once about the self-made certificate: accept it.")
            for address in up.lan_addresses():
                write(f"  On a phone in the same network: https://{address}:{port}/gestione/checkin/")
        self._accounts()
        write(f"  Logs:        {settings.DATA_DIR / 'logs'}\n  Ctrl-C ends everything.\n")

    def _accounts(self) -> None:
        memberships = Membership.objects.select_related("user", "territory").order_by("pk")[:ACCOUNTS_SHOWN]
        if not memberships:
            self.stdout.write("\n  Nobody works here yet. Make the first coordinator's account, then log in as her:")
            here = "" if settings.DATA_DIR == settings.BASE_DIR / "var" else f"DATA_DIR={settings.DATA_DIR} "
            self.stdout.write(f'    {here}uv run manage.py coordinator EMAIL --name "First Last"')
            self.stdout.write(f"    {here}uv run manage.py login_code EMAIL\n")
            return
        self.stdout.write("\n  Who works here (log in with the address and a code: manage.py login_code ADDRESS)")
        for membership in memberships:
            where = membership.territory or ""
            self.stdout.write(f"    {membership.user.email:<36} {membership.role:<16} {where}")
        self.stdout.write("")
