"""``manage.py salesforce_practice_org``: a strict local Salesforce look-alike."""

import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError


MISSING = "The practice org needs werkzeug: pip install 'wagtail-salesforce[practice-org]'"


class Command(BaseCommand):
    """Serves the practice org until interrupted; needs no database and no settings of the site."""

    help = "Starts a local Salesforce look-alike for development, tests and demonstrations."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The same options as ``python -m wagtail_salesforce.practice_org``."""
        try:
            _server().add_arguments(parser)
        except CommandError as error:
            # Django catches a CommandError only once the arguments have been read.
            self.stderr.write(str(error))
            sys.exit(1)

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        from wagtail_salesforce.practice_org.start import CannotStart, start

        try:
            start(Namespace(**options))
        except KeyboardInterrupt:
            self.stderr.write("Practice org stopped.")
        except CannotStart as error:
            raise CommandError(str(error)) from error


def _server() -> Any:
    """The practice org's server; imported late, since werkzeug is an optional extra."""
    try:
        from wagtail_salesforce.practice_org import server
    except ModuleNotFoundError as error:
        raise CommandError(MISSING) from error
    return server
