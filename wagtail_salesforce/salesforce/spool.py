"""The rows of one Bulk job, on their way from a generator of records to its CSV."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import blake2b
from tempfile import TemporaryFile
from typing import IO

import orjson

from wagtail_salesforce.exceptions import RequestRefused
from wagtail_salesforce.results import RowResult
from wagtail_salesforce.salesforce.bulk import CLEARED, MOST_BYTES, MOST_ROWS
from wagtail_salesforce.salesforce.bulk_results import ResultRow, refused
from wagtail_salesforce.salesforce.cells import cell, csv_line
from wagtail_salesforce.salesforce.collections import Record, api_name
from wagtail_salesforce.salesforce.culprit import culprit, problem_in_name
from wagtail_salesforce.salesforce.missing import row_not_there
from wagtail_salesforce.salesforce.orders import Order
from wagtail_salesforce.salesforce.payload import encode


class Spool:
    """Rows wait in a file, since only the last record tells the columns of them all.

    `start` is how many records went in jobs before. The `fingerprints` of the rows as uploaded, in
    order, are there once the CSV is made.
    """

    def __init__(self, order: Order, file: IO[bytes], start: int = 0) -> None:
        self._order, self._file, self._start = order, file, start
        self._places: dict[str, int] = {}
        self._bytes = 0
        self.columns: list[str] = []
        self.rows = 0
        self.fingerprints: list[bytes] = []
        if order.key:
            self._place(order.key)

    def add(self, record: Record) -> bool:
        """Take a record, unless the job is full."""
        line = self._line(record)
        # JSON takes no less room than CSV, but for the empty cells of columns that come later.
        size = self._bytes + len(line) + (self.rows + 1) * len(self.columns)
        if self.rows and (self.rows == MOST_ROWS or size > MOST_BYTES):
            return False
        self._file.write(line)
        self._bytes += len(line)
        self.rows += 1
        return True

    def write_csv(self, file: IO[bytes]) -> None:
        """Put the CSV into a file, which stands at its beginning afterwards."""
        file.write(csv_line(self.columns).encode())
        self.fingerprints = []
        for cells in self._padded():
            self.fingerprints.append(fingerprint(cells))
            file.write(csv_line(cells).encode())
        file.seek(0)

    def cells_of(self, row: ResultRow) -> list[str]:
        """The cells of the row that a result speaks of, in the order of our columns."""
        told = {name.lower(): text for name, text in row.items() if name is not None}
        return [told.get(name.lower()) or "" for name in self.columns]

    def refused(self, row: ResultRow) -> RowResult:
        """The result that a row of the failed ones tells."""
        result = refused(row)
        if self._order.key != "Id":
            return result
        return row_not_there(self._order.object_name, self.cells_of(row)[0], result)

    def likeness(self, cells: list[str]) -> bytes:
        """A fingerprint that forgives differences in form: of the key, or else of all cells."""
        told = cells[:1] if self._order.key else cells
        return fingerprint([_levelled(text) for text in told])

    def likenesses(self) -> Iterator[bytes]:
        """Those of the rows as uploaded, in order."""
        return map(self.likeness, self._padded())

    def _padded(self) -> Iterator[list[str]]:
        self._file.seek(0)
        for line in self._file:
            cells: list[str] = orjson.loads(line)
            yield cells + [""] * (len(self.columns) - len(cells))

    def _line(self, record: Record) -> bytes:
        try:
            return encode(self._cells(record)) + b"\n"
        except RequestRefused as refused:
            raise culprit([record], self._start + self.rows, refused, problem_in_csv) from None

    def _cells(self, record: Record) -> list[str]:
        cells = [""] * len(self.columns)
        for name, value in record.items():
            if name == "attributes":
                continue
            place = self._place(name)
            cells += [""] * (place + 1 - len(cells))
            cells[place] = cell(value)
        return cells

    def _place(self, name: str) -> int:
        """Where a field's column stands; names that differ in case only are one field."""
        place = self._places.get(name)
        if place is None:
            known = [column.lower() for column in self.columns]
            if column_name(name).lower() not in known:
                known.append(name.lower())
                self.columns.append(name)
            place = self._places[name] = known.index(name.lower())
        return place


def column_name(name: object) -> str:
    """The name of a field as a column. Raises RequestRefused for what cannot be one."""
    if problem := problem_in_name(name):
        raise RequestRefused(problem, code="UNENCODABLE_VALUE")
    try:
        return api_name(str(name))
    except ValueError as error:
        raise RequestRefused(str(error), code="UNENCODABLE_VALUE") from None


def problem_in_csv(name: object, value: object) -> str:
    """What keeps a field of a record from being a column and a cell; "" for nothing."""
    if name == "attributes":
        return ""
    try:
        column_name(name)
        encode(cell(value))
    except RequestRefused as refused:
        return refused.message
    return ""


def fingerprint(cells: list[str]) -> bytes:
    """What tells rows apart: those with the same one have the same cells."""
    return blake2b(orjson.dumps(cells), digest_size=16).digest()


def _levelled(text: str) -> str:
    """A cell without what might be lost on its way: blanks around it, kinds of line ends."""
    return "" if text == CLEARED else " ".join(text.split())


def spools(order: Order, records: Iterator[Record]) -> Iterator[Spool]:
    """Full jobs, one after the other; the records are read as far as the next one needs."""
    first, start = next(records, None), 0
    while first is not None:
        with TemporaryFile() as file:
            spool = Spool(order, file, start)
            spool.add(first)
            first = next((record for record in records if not spool.add(record)), None)
            start += spool.rows
            yield spool
