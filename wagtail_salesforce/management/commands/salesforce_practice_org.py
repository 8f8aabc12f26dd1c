"""``manage.py salesforce_practice_org``: a strict local Salesforce look-alike."""

import errno
import sqlite3
import sys
from argparse import ArgumentParser, Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandError


MISSING = "The practice org needs werkzeug: pip install 'wagtail-salesforce[practice-org]'"
MOST_PORT = 65535


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
        if not 0 <= options["port"] <= MOST_PORT:
            words = "--port {port} is no port. Give a number from 0 to 65535; 0 takes any free one."
            raise CommandError(words.format(**options))
        try:
            _server().run(Namespace(**options))
        except KeyboardInterrupt:
            self.stderr.write("Practice org stopped.")
        except (OSError, sqlite3.Error) as error:
            raise CommandError(_in_words(error, options)) from error


def _in_words(error: Exception, options: dict[str, Any]) -> str:
    """Which option is wrong, and what to give instead."""
    return _words(error, options).format(**options, error=error)


def _words(error: Exception, options: dict[str, Any]) -> str:
    if isinstance(error, sqlite3.Error):
        return (
            "--state {state}: the file cannot be used ({error}). Give a file of a practice org, or "
            "a new one in a folder that exists and may be written to."
        )
    if not isinstance(error, OSError) or not error.filename:
        return _words_of_port(error)
    if str(error.filename) == options["jwt_certificate"]:
        return (
            "--jwt-certificate {error.filename}: {error.strerror}. Give a certificate in PEM form."
        )
    return "{error.filename}: {error.strerror}. Give another file with --state."


def _words_of_port(error: Exception) -> str:
    if getattr(error, "errno", None) == errno.EADDRINUSE:
        return "The port {port} is taken. Give another one with --port; 0 takes any free port."
    return "--port {port}: {error}. Give another one; 0 takes any free port."


def _server() -> Any:
    """The practice org's server; imported late, since werkzeug is an optional extra."""
    try:
        from wagtail_salesforce.practice_org import server
    except ModuleNotFoundError as error:
        raise CommandError(MISSING) from error
    return server
