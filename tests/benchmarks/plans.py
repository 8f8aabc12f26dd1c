"""What PostgreSQL does for a statement: the tables it scans and the indexes it uses."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import connection


# Smaller tables are rightly read from one end to the other.
MANY_ROWS = 10_000


def scans(statements: Iterable[str]) -> list[str]:
    """The big tables that these statements read from one end to the other."""
    return sorted(
        {
            f"{node['Node Type']} on {node['Relation Name']}"
            for node in nodes(statements)
            if node["Node Type"].endswith("Seq Scan") and _rows(node["Relation Name"]) > MANY_ROWS
        }
    )


def indexes(statements: Iterable[str]) -> list[str]:
    """The indexes of the package's tables that these statements use."""
    used = {node["Index Name"] for node in nodes(statements) if "Index Name" in node}
    return sorted(name for name in used if name.startswith(("ws_", "wagtail_salesforce_")))


def nodes(statements: Iterable[str]) -> Iterator[dict[str, Any]]:
    """All parts of the plans of the statements that read."""
    for statement in statements:
        if statement.lstrip("( ").upper().startswith(("SELECT", "WITH")):
            yield from _below(_plan(statement))


def _plan(statement: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN (FORMAT JSON) " + statement)
        answer = cursor.fetchone()[0]
    found: dict[str, Any] = (json.loads(answer) if isinstance(answer, str) else answer)[0]["Plan"]
    return found


def _below(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for part in node.get("Plans", []):
        yield from _below(part)


def _rows(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE relname = %s", [table])
        return int(cursor.fetchone()[0])
