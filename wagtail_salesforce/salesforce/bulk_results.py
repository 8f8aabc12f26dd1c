"""Reads the result files of a Bulk job as they arrive."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Generator, Iterator
from typing import Any, BinaryIO

import requests
from django.utils.translation import gettext

from wagtail_salesforce.exceptions import Transient
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.transport import connection_error


#: A row by column; own columns as uploaded, and those that Salesforce adds.
ResultRow = dict[str, str]

CHUNK = 64 * 1024
# As recorded: code, message (which may hold colons) and the fields, closed by two dashes.
_ERROR = re.compile(r"(?s)(?P<code>[A-Z][A-Z0-9_]*):(?P<message>.*?)(?::(?P<fields>[^:]*))? --\s*")


def rows_of(response: requests.Response) -> Iterator[ResultRow]:
    """The rows of a CSV answer. Raises Transient when it breaks off or cannot be read."""
    text = io.TextIOWrapper(io.BufferedReader(_Pieces(response)), encoding="utf-8", newline="")
    try:
        yield from csv.DictReader(text, strict=True)
    except requests.RequestException as error:
        raise connection_error(error) from None
    except (UnicodeDecodeError, csv.Error):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None


def save(response: requests.Response, file: BinaryIO) -> None:
    """Write a CSV answer to a file as it arrives. Raises Transient when it breaks off."""
    try:
        for piece in response.iter_content(CHUNK):
            file.write(piece)
    except requests.RequestException as error:
        raise connection_error(error) from None


def read_rows(file: BinaryIO) -> Generator[list[str], None, None]:
    """The rows of a saved CSV answer, the header first. Raises Transient when it cannot be read.

    Cells and no dictionaries, because there are 100,000 rows to a job.
    """
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield from csv.reader(text, strict=True)
    except (UnicodeDecodeError, csv.Error):
        raise Transient(gettext("Salesforce's answer could not be read.")) from None
    finally:
        text.detach()


def saved(row: ResultRow) -> RowResult:
    """The result that a row of the successful ones tells."""
    return RowResult(True, row["sf__Id"], row["sf__Created"] == "true")


def refused(row: ResultRow) -> RowResult:
    """The result that a row of the failed ones tells."""
    return refusal(row.get("sf__Id") or "", row.get("sf__Error") or "")


def refusal(record_id: str, told: str) -> RowResult:
    """The same from its cells: the id, which may be empty, and the error."""
    found = _ERROR.fullmatch(told)
    if found is None:
        return RowResult(False, record_id, code="UNKNOWN_EXCEPTION", message=told)
    names = tuple(filter(None, (found["fields"] or "").split(",")))
    return RowResult(False, record_id, code=found["code"], message=found["message"], fields=names)


class _Pieces(io.RawIOBase):
    """An answer's body, unpacked, as a file to read from."""

    def __init__(self, response: requests.Response) -> None:
        self._pieces = response.iter_content(CHUNK)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._rest:
            self._rest = memoryview(next(self._pieces, b""))
        taken = min(len(buffer), len(self._rest))
        buffer[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
