"""`manage.py salesforce_query "SELECT …"`: what Salesforce holds, record by record."""

from __future__ import annotations

import csv
import json
from argparse import ArgumentParser
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.connection.session import get_client
from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.management.contract import ContractCommand, Document, wrong_input
from wagtail_salesforce.replication.allowance import keep_reserve


Record = dict[str, Any]


class Command(ContractCommand):
    help = "Reads records by a SOQL query. Changes nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("query", help='SOQL, for example "SELECT Id, Name FROM Lead LIMIT 5".')
        parser.add_argument("--csv", action="store_true", help="Print CSV, not a record a line.")
        parser.add_argument("--all", action="store_true", help="Deleted records as well.")

    def act(self, **options: Any) -> Document:
        with get_client() as client:
            keep_reserve(client)
            found = client.query(options["query"], include_deleted=options["all"])
            records = (flat(record) for record in found)
            try:
                count = self._as_csv(records) if options["csv"] else self._as_lines(records)
            except RequestRefused as refused:
                raise wrong_input(_sentence(refused)) from None
        return {"state": "finished", "reason": None, "records": count}

    def summary(self, document: Document) -> str:
        """Nothing: what is on stdout are the records."""
        return ""

    def _as_lines(self, records: Iterator[Record]) -> int:
        count = 0
        for record in records:
            count += 1
            self.stdout.write(json.dumps(record, ensure_ascii=False))
        return count

    def _as_csv(self, records: Iterator[Record]) -> int:
        """A header needs all records: where a parent is empty, only others tell its columns.

        So they wait in a file, and any number of them needs the same memory. What has come
        before an error is printed, too.
        """
        columns: dict[str, None] = {}
        count = 0
        with TemporaryFile("w+", encoding="utf-8") as waiting:
            try:
                for record in records:
                    count += 1
                    columns |= dict.fromkeys(record)
                    waiting.write(json.dumps(record) + "\n")
            finally:
                waiting.seek(0)
                self._write(header(list(columns)), map(json.loads, waiting))
        return count

    def _write(self, columns: list[str], records: Iterator[Record]) -> None:
        writer = csv.DictWriter(self.stdout, columns, restval="", extrasaction="ignore")
        if columns:
            writer.writeheader()
        for record in records:
            writer.writerow({name: _cell(value) for name, value in record.items()})


def header(columns: list[str]) -> list[str]:
    """The columns; in place of a parent that was empty in some records, those it has in others."""
    found: dict[str, None] = {}
    for column in columns:
        below = [name for name in columns if name.startswith(f"{column}.")]
        found |= dict.fromkeys(below or [column])
    return [name for name in found if not any(each.startswith(f"{name}.") for each in columns)]


def _cell(value: Any) -> Any:
    """Child records as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value


def flat(record: Record, before: str = "") -> Record:
    """The record's columns; those of a parent record as `Owner.Name`, child records as a list."""
    columns: Record = {}
    for name, value in record.items():
        if name == "attributes":
            continue
        if isinstance(value, dict) and "records" in value:
            columns[before + name] = [flat(child) for child in value["records"]]
        elif isinstance(value, dict):
            columns |= flat(value, f"{before}{name}.")
        else:
            columns[before + name] = value
    return columns


def _sentence(refused: RequestRefused) -> str:
    """What Salesforce said, and where in the query."""
    if refused.position is None:
        return _("Salesforce refused the query: %(message)s") % {"message": refused.message}
    line, column = refused.position
    text = _("Salesforce refused the query at line %(line)s, column %(column)s: %(message)s")
    return text % {"line": line, "column": column, "message": refused.message}
