"""Query, queryAll and their pages.

Source: REST guide, "Query", "QueryAll", "Query More Results", "Query Options Header".
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import ApiError
from .ids import normalise
from .schema import ObjectSpec
from .soql import Ordering, Statement, parse
from .soql_conditions import Conditions
from .soql_fields import Path, record, resolve_path
from .tables import Row
from .wire import Answer, Call


CURSOR_LIFE = 2 * 24 * 60 * 60
LEAST_PAGE, MOST_PAGE = 200, 2000
MOST_OFFSET = 2000
LOCATOR = re.compile(r"(01g[0-9A-Za-z]{12,15})-(\d+)")


@dataclass
class Cursor:
    """A query whose pages are still to be fetched."""

    spec: ObjectSpec
    paths: list[Path]
    ids: list[str]
    page: int
    opened: float
    org_id: str


def query(call: Call) -> Answer:
    """GET …/query?q=…"""
    return _run(call, with_deleted=False)


def query_all(call: Call) -> Answer:
    """GET …/queryAll?q=…: deleted records too."""
    return _run(call, with_deleted=True)


def query_more(call: Call, locator: str) -> Answer:
    """GET …/query/{locator}: the next page."""
    match = LOCATOR.fullmatch(locator)
    cursor_id = normalise(match[1]) if match else None
    cursor = call.org.cursors.get(cursor_id or "")
    if match is None or cursor_id is None or cursor is None or _is_old(call, cursor):
        raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    return _page(call, cursor, cursor_id, int(match[2]))


def _is_old(call: Call, cursor: Cursor) -> bool:
    aged = cursor.opened + CURSOR_LIFE <= call.org.clock.timestamp()
    return aged or cursor.org_id != call.org.options.org_id


def _run(call: Call, with_deleted: bool) -> Answer:
    statement = parse(call.query.get("q", ""))
    spec = _source(call, statement)
    paths = _paths(call, statement, spec)
    rows = _rows(call, statement, spec, with_deleted)
    if statement.count:
        return Answer(200, {"totalSize": len(rows), "done": True, "records": []})
    now = call.org.clock.timestamp()
    ids = [row["Id"] for row in rows]
    cursor = Cursor(spec, paths, ids, _page_size(call), now, call.org.options.org_id)
    cursor_id = call.org.new_id("01g")
    if len(ids) > cursor.page:
        _forget_old(call)
        call.org.cursors[cursor_id] = cursor
    return _page(call, cursor, cursor_id, 0)


def _forget_old(call: Call) -> None:
    cursors = call.org.cursors
    for cursor_id in [each for each, cursor in cursors.items() if _is_old(call, cursor)]:
        del cursors[cursor_id]


def _source(call: Call, statement: Statement) -> ObjectSpec:
    spec = call.org.schema.find(statement.source.text)
    if spec is None:
        text = (
            f"sObject type '{statement.source.text}' is not supported. If you are attempting to"
            " use a custom object, be sure to append the '__c' after the entity name. Please"
            " reference your WSDL or the describe call for the appropriate names."
        )
        raise statement.error(statement.source, "INVALID_TYPE", text)
    return spec


def _paths(call: Call, statement: Statement, spec: ObjectSpec) -> list[Path]:
    seen: set[str] = set()
    for word in statement.fields:
        if word.text.lower() in seen:
            # Assumption soql-texts: the text of a field selected twice.
            text = f"duplicate field selected: {word.text}"
            raise statement.error(word, "INVALID_FIELD", text)
        seen.add(word.text.lower())
    return [resolve_path(call.org, statement, spec, word) for word in statement.fields]


def _rows(call: Call, statement: Statement, spec: ObjectSpec, with_deleted: bool) -> list[Row]:
    if statement.offset > MOST_OFFSET:
        # Assumption soql-texts: the text; the code is the one of a number out of range.
        text = "Maximum SOQL offset allowed is 2000"
        raise ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", text)
    test: Callable[[Row], bool] | None = None
    if statement.where is not None:
        test = Conditions(call.org, statement, spec).compile(statement.where)
    rows = [
        row
        for row in call.org.tables.table(spec.name).rows()
        if (with_deleted or not row["IsDeleted"]) and (test is None or test(row))
    ]
    for ordering in reversed(statement.order):
        _sort(call, statement, spec, rows, ordering)
    end = None if statement.limit is None else statement.offset + statement.limit
    return rows[statement.offset : end]


def _sort(
    call: Call, statement: Statement, spec: ObjectSpec, rows: list[Row], ordering: Ordering
) -> None:
    path = resolve_path(call.org, statement, spec, ordering.name)
    if path.field.is_long_text or path.field.type in ("address", "multipicklist"):
        # Assumption soql-texts: the text of a field that cannot be sorted by.
        text = f"field '{path.field.name}' can not be sorted in a query call"
        raise statement.error(ordering.name, "INVALID_FIELD", text)
    last = ordering.nulls_last is not ordering.descending

    def key(row: Row) -> tuple[bool, Any]:
        value = path.value(call.org, row)
        if value is None:
            return (last, 0)
        return (not last, value.lower() if isinstance(value, str) else value)

    rows.sort(key=key, reverse=ordering.descending)


def _page_size(call: Call) -> int:
    """The page size asked for, within bounds, or the org's own."""
    fixed = call.org.options.api_page_size
    if fixed is not None:
        return fixed
    match = re.search(r"batchSize\s*=\s*(\d+)", call.header("Sforce-Query-Options") or "", re.I)
    return min(max(int(match[1]), LEAST_PAGE), MOST_PAGE) if match else MOST_PAGE


def _page(call: Call, cursor: Cursor, cursor_id: str, start: int) -> Answer:
    table = call.org.tables.table(cursor.spec.name)
    end = start + cursor.page
    rows = [table.get(each) for each in cursor.ids[start:end]]
    records = [record(call.org, cursor.spec, row, cursor.paths, call.root) for row in rows if row]
    call.rows = len(records)
    body: dict[str, Any] = {"totalSize": len(cursor.ids), "done": end >= len(cursor.ids)}
    if not body["done"]:
        body["nextRecordsUrl"] = f"{call.root}/query/{cursor_id}-{end}"
    body["records"] = records
    return Answer(200, body)
