"""The records of a SOQL query as CSV: as they come where the query names its columns."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Any, Protocol


Record = dict[str, Any]

_PLAIN = re.compile(
    r"\s*SELECT\s+(?P<names>[\w.,\s]+?)\s+FROM\s+(?P<object>\w+)(?:\s+AS)?(?:\s+(?P<alias>\w+))?",
    re.IGNORECASE,
)
_NAME = re.compile(r"[A-Za-z]\w*(?:\.[A-Za-z]\w*)*", re.ASCII)
_GROUPS = re.compile(r"\bGROUP\s+BY\b", re.IGNORECASE)


class Out(Protocol):
    """Where CSV is written to."""

    def write(self, text: str, /) -> Any: ...


def write_csv(soql: str, records: Iterable[Record], out: Out) -> int:
    """Write the records, and return how many there were. Without any, there is no header."""
    columns = columns_of(soql)
    if columns is None:
        return _when_all_have_come(map(flat, records), out)
    return _as_they_come(columns, records, out)


def columns_of(soql: str) -> dict[str, tuple[str, ...]] | None:
    """The columns that a query names, and the way to each in a record; None if it does not.

    Only a list of plain fields does: functions, subqueries and groups have columns that only the
    answer knows.
    """
    found = _PLAIN.match(soql)
    names = [name.strip() for name in found["names"].split(",")] if found else []
    if not found or _GROUPS.search(soql) or not all(map(_NAME.fullmatch, names)):
        return None
    own = {found["object"].lower(), (found["alias"] or "").lower()}
    return {name: _way(name, own) for name in names}


def _way(name: str, own: set[str]) -> tuple[str, ...]:
    first, *others = name.lower().split(".")
    return tuple(others) if others and first in own else (first, *others)


def _as_they_come(columns: dict[str, tuple[str, ...]], records: Iterable[Record], out: Out) -> int:
    writer = csv.writer(out)
    count = 0
    for record in records:
        if not count:
            writer.writerow(columns)
        writer.writerow([_cell(_value(record, way)) for way in columns.values()])
        count += 1
    return count


def _value(record: Any, way: tuple[str, ...]) -> Any:
    for step in way:
        if not isinstance(record, dict):
            return None
        record = next((value for name, value in record.items() if name.lower() == step), None)
    return record


def _when_all_have_come(records: Iterator[Record], out: Out) -> int:
    """The header needs all records: where a parent is empty, only others tell its columns.

    So they wait in a file, and any number of them needs the same memory. What has come before an
    error is written, too.
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
            _write_all(header(list(columns)), map(json.loads, waiting), out)
    return count


def _write_all(columns: list[str], records: Iterator[Record], out: Out) -> None:
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
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
    """Child records and compound fields as JSON."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, (list, dict)) else value


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
