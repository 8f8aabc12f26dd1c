"""What Salesforce says about one row."""

from __future__ import annotations

from typing import Any, NamedTuple


class RowResult(NamedTuple):
    """The answer for one record, in the place of the record in the request.

    A named tuple, because millions are made and it is four times cheaper to make than a frozen
    dataclass. `id` is "" when absent; `code`, `message` and `fields` are empty on success.
    `message` is Salesforce's own text and may echo values: pass it through `redact` before it
    is stored or logged.
    """

    success: bool
    id: str = ""
    created: bool = False
    code: str = ""
    message: str = ""
    fields: tuple[str, ...] = ()


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
