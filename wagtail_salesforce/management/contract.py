"""What all commands of the package keep, so that scripts can rely on it.

- With `--json` the last line on stdout is one JSON document; messages go to stderr.
- Exit 0: finished. Exit 1: stopped or refused by a named reason. Exit 2: wrong arguments
  (`wrong_arguments`), an invalid document (`invalid_document`) or wrong Django settings
  (`wrong_settings`). Never a traceback, unless `--traceback` is given.

A command derives from `ContractCommand`, adds its options in `add_arguments` (calling super),
does its work in `act` and returns the document there; `summary` says the same in a sentence for
people. A document whose `reason` is a code of `exceptions.REASONS` makes the command exit with 1.
"""

from __future__ import annotations

import json
import logging
from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser, SystemCheckError
from django.utils.translation import gettext

from wagtail_salesforce import conf
from wagtail_salesforce.exceptions import (
    REASONS,
    ConnectorError,
    InvalidDocument,
    NotAuthorized,
    is_database_away,
)
from wagtail_salesforce.management.tables import are_missing


logger = logging.getLogger("wagtail_salesforce")

Document = Mapping[str, Any]

WRONG_INPUT = 2


def wrong_input(message: object) -> CommandError:
    """Raise what this returns for wrong arguments or wrong settings: the command exits with 2."""
    return CommandError(str(message), returncode=WRONG_INPUT)


class ContractCommand(BaseCommand, ABC):
    """Base of the package's commands; see the module's text."""

    #: What `--json` says when the command ends with 2 before it has begun.
    refused_by = "wrong_arguments"
    has_answered = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--json",
            action="store_true",
            help="Print one JSON document as the last line on stdout.",
        )

    @abstractmethod
    def act(self, **options: Any) -> Document:
        """Do the work and return the document (JSON-ready values).

        Raise a `ConnectorError` to refuse, `wrong_input(…)` for arguments that do not go together.
        """

    @abstractmethod
    def summary(self, document: Document) -> str:
        """The document that `act` returned in words, printed on stdout without `--json`."""

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        # Also `call_command` shall answer wrong arguments with return code 2.
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        complain = parser.error

        def error(message: str) -> Any:
            try:
                complain(message)
            except CommandError as refusal:
                raise wrong_input(refusal) from None

        parser.error = error  # type: ignore[method-assign]
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        """Wrong options and failing system checks end a program before `handle` is reached."""
        try:
            super().run_from_argv(argv)
        except SystemExit as leaving:
            if leaving.code == WRONG_INPUT and "--json" in argv and not self.has_answered:
                self.stdout.write(json.dumps(_stopped(self.refused_by)))
            raise

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except SystemCheckError as refusal:
            refusal.returncode = WRONG_INPUT
            self.refused_by = "wrong_settings"
            raise

    def handle(self, *args: Any, **options: Any) -> None:
        document, refusal = _wrong_settings() or self._outcome(options)
        self._print(document, options)
        if refusal:
            raise refusal

    def _outcome(self, options: dict[str, Any]) -> tuple[Document, CommandError | None]:
        try:
            document = self.act(**options)
        except InvalidDocument as error:
            return _invalid(error), wrong_input(error.message)
        except ConnectorError as error:
            return _stopped(error.code), CommandError(sentence_of(error))
        except CommandError as refusal:
            if refusal.returncode != WRONG_INPUT:
                raise
            return _stopped("wrong_arguments"), refusal
        except KeyboardInterrupt:
            words = gettext("The command was interrupted. What it had done until then stands.")
            return _stopped("interrupted"), CommandError(words)
        except Exception as error:  # noqa: BLE001 - scripts get a named reason, not a traceback
            return self._unexpected(error, options)
        reason = document.get("reason")
        return document, CommandError(_sentence(reason)) if reason else None

    def _unexpected(
        self, error: Exception, options: dict[str, Any]
    ) -> tuple[Document, CommandError]:
        if options.get("traceback"):
            raise error
        if are_missing(error):
            return _stopped("not_migrated"), CommandError(_sentence("not_migrated"))
        # The error's own text may hold somebody's data, so only its kind and place are told.
        place = error.__traceback__
        while place and place.tb_next:
            place = place.tb_next
        where = f"{place.tb_frame.f_globals.get('__name__')}:{place.tb_lineno}" if place else "?"
        logger.error("%s at %s", type(error).__name__, where)
        kind = f"{type(error).__name__} at {where}; use --traceback to see it."
        code = "database_unavailable" if is_database_away(error) else "internal_error"
        return _stopped(code), CommandError(f"{_sentence(code)} ({kind})")

    def _print(self, document: Document, options: dict[str, Any]) -> None:
        self.has_answered = True
        if options["json"]:
            self.stdout.write(json.dumps(document))
        elif not isinstance(document, Refusal) and (words := self.summary(document)):
            self.stdout.write(words)


class Refusal(dict[str, Any]):
    """A document made of an exception: the command's own words do not fit it."""


def _stopped(code: str) -> Refusal:
    return Refusal(state="stopped", reason=code)


def _invalid(error: InvalidDocument) -> Refusal:
    problems = [{"path": item.path, "message": item.message} for item in error.problems]
    return Refusal(_stopped(error.code), problems=problems)


def _wrong_settings() -> tuple[Document, CommandError] | None:
    problems = [sentence for _key, sentence in conf.problems()]
    return (_stopped("wrong_settings"), wrong_input("\n".join(problems))) if problems else None


def sentence_of(error: ConnectorError) -> str:
    """What is the matter and what to do, as the error says it.

    What ended an authorization says its own cure; that of the code would only repeat it.
    """
    if isinstance(error, NotAuthorized) and error.detail in REASONS:
        return error.message
    return _sentence(error.code, error.message, error.cure)


def _sentence(code: str, message: str = "", cure: str = "") -> str:
    """What is the matter and what to do, from the reason's words unless others are given."""
    reason = REASONS.get(code)
    text = message or (str(reason.text) if reason else code)
    cure = cure or (str(reason.cure) if reason else "")
    return text if not cure or cure in text else f"{text} {cure}"
