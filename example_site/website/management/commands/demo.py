"""`manage.py demo`: real forms, a practice org, and the leads that come of it."""

from __future__ import annotations

import signal
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from example_site.demo.performance import Demonstration
from example_site.demo.processes import DemoFailed


class Command(BaseCommand):
    help = (
        "Shows the whole way from a visitor's form to a lead: starts the example site, a practice "
        "org and the queue, lets visitors send forms, and prints the leads that arrived."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--once", action="store_true", help="End after the table; 0 only if all is as expected."
        )
        parser.add_argument(
            "--keep", action="store_true", help="Go on with the site and org of the last time."
        )
        parser.add_argument("--port", type=int, default=8000, help="The site's port (8000).")
        parser.add_argument("--org-port", type=int, default=8800, help="The org's port (8800).")

    def handle(self, *args: Any, **options: Any) -> None:
        for name in ("SIGTERM", "SIGHUP"):
            signal.signal(getattr(signal, name), _leave)
        try:
            self._perform(options)
        except DemoFailed as failure:
            raise CommandError(str(failure)) from None
        except KeyboardInterrupt:
            self._say("\nStopped.")
            if options["once"]:
                raise CommandError("Interrupted before the end.", returncode=130) from None

    def _perform(self, options: dict[str, Any]) -> None:
        ports = (options["port"], options["org_port"])
        demonstration = Demonstration(settings.VAR_DIR, ports, keep=options["keep"], say=self._say)
        demonstration.perform(once=options["once"])

    def _say(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()


def _leave(number: int, frame: Any) -> NoReturn:
    """Leave through the `with` blocks, which stop every process."""
    raise SystemExit(128 + number)
