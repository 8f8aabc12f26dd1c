"""Reads what Salesforce says about the rows of a call."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.results import RowResult


def read_rows(rows: list[Any]) -> list[RowResult]:
    """Turn the rows of a Collections answer into results, in order.

    REST guide, sObject Collections: rows are answered in request order; a failed row holds
    `success` and `errors`, and need not hold `id` or `created`.
    """
    return [
        RowResult(True, row["id"], row.get("created") is True) if row["success"] else _failed(row)
        for row in rows
    ]


def _failed(row: dict[str, Any]) -> RowResult:
    error = (row.get("errors") or [{}])[0]
    return RowResult(
        success=False,
        id=row.get("id") or "",
        code=error.get("statusCode") or error.get("errorCode") or "UNKNOWN_EXCEPTION",
        message=error.get("message") or "",
        fields=tuple(error.get("fields") or ()),
    )
