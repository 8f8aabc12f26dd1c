"""`manage.py salesforce_query "SELECT …"`: what Salesforce holds, record by record."""

from __future__ import annotations

import codecs
import json
import os
import re
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.client import get_client
from wagtail_salesforce.exceptions import CursorExpired, RequestRefused
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.management.query_csv import Record, flat, write_csv


#: Such a query is answered by a number alone (SOQL and SOSL reference: COUNT()).
COUNTS = re.compile(r"\s*SELECT\s+COUNT\s*\(\s*\)", re.IGNORECASE)


class Command(ContractCommand):
    help = "Reads records by a SOQL query. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("query", help='SOQL, for example "SELECT Id, Name FROM Lead LIMIT 5".')
        parser.add_argument("--csv", action="store_true", help="Print CSV, not a record a line.")
        parser.add_argument("--all", action="store_true", help="Deleted records as well.")

    def act(self, **options: Any) -> Document:
        soql, deleted = options["query"], options["all"]
        with get_client() as client:
            try:
                if COUNTS.match(soql):
                    return self._count(client.count(soql, include_deleted=deleted))
                records = _begun(client.query(soql, include_deleted=deleted))
            except CursorExpired:
                raise
            except RequestRefused as refused:
                raise wrong_input(_sentence(refused)) from None
            return self._print_all(soql, records, options["csv"])

    def _print_all(self, soql: str, records: Iterator[Record], as_csv: bool) -> Document:
        try:
            count = self._write(soql, records, as_csv)
        except BrokenPipeError:
            _leave_quietly()
            return {"state": "finished", "reason": None, "records": None}
        return {"state": "finished", "reason": None, "records": count}

    def summary(self, document: Document) -> str:
        """Nothing: what is on stdout are the records."""
        return ""

    def _count(self, found: int) -> Document:
        self.stdout.write(str(found))
        return {"state": "finished", "reason": None, "records": found}

    def _write(self, soql: str, records: Iterator[Record], as_csv: bool) -> int:
        is_utf8 = _is_utf8(self.stdout)
        if as_csv:
            if not is_utf8:
                self.stdout.reconfigure(encoding="utf-8")
            return write_csv(soql, records, self.stdout)
        count = 0
        for record in records:
            count += 1
            self.stdout.write(json.dumps(flat(record), ensure_ascii=not is_utf8))
        return count


def _begun(records: Iterator[Record]) -> Iterator[Record]:
    """The same records, of which the first one has been asked for: then the query was right."""
    return chain(list(islice(records, 1)), records)


def _is_utf8(stream: Any) -> bool:
    """Whether a stream takes every letter; one without an encoding does."""
    encoding = getattr(stream, "encoding", None)
    return encoding is None or codecs.lookup(encoding).name == "utf-8"


def _leave_quietly() -> None:
    """Whoever read stdout (`… | head`) has enough: nobody is there to be told of a broken pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _sentence(refused: RequestRefused) -> str:
    """What Salesforce said, and where in the query."""
    if refused.position is None:
        return _("Salesforce refused the query: %(message)s") % {"message": refused.message}
    line, column = refused.position
    text = _("Salesforce refused the query at line %(line)s, column %(column)s: %(message)s")
    return text % {"line": line, "column": column, "message": refused.message}
