"""A CSV row as a record: every cell is text, and a wrong type is an error of the row.

Source: Bulk API 2.0 guide, "Prepare CSV Files": an empty cell is ignored, ``#N/A`` is null.
"""

from typing import Any

from .errors import row_error
from .fields import FieldSpec
from .values import wrong_kind_of


NULL = "#N/A"
# Assumption bulk-booleans: these spellings of yes and no, whatever the case.
BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
XSD = {
    "boolean": "boolean",
    "int": "int",
    "double": "double",
    "currency": "double",
    "percent": "double",
    "date": "date",
    "datetime": "dateTime",
}


def record_of(fields: list[FieldSpec], cells: list[str]) -> dict[str, Any]:
    """The values of a row by field name; raises :class:`RowErrors`."""
    if len(cells) != len(fields):
        # Assumption bulk-cell-count: code and text of a row with too many or too few cells.
        text = f"Row has {len(cells)} columns, expected {len(fields)}"
        raise row_error("CLIENT_ERROR", text)
    return {
        field.name: _value(field, cell, column)
        for column, (field, cell) in enumerate(zip(fields, cells, strict=True))
        if cell != ""
    }


def _value(field: FieldSpec, cell: str, column: int) -> Any:
    if cell == NULL:
        return False if field.type == "boolean" else None
    try:
        value = _read(field.type, cell)
    except (KeyError, ValueError):
        raise _undeserialized(field, cell, column) from None
    if wrong_kind_of(field, value) is not None:
        raise _undeserialized(field, cell, column)
    return value


def _read(kind: str, cell: str) -> Any:
    if kind == "boolean":
        return BOOLEANS[cell.lower()]
    if kind == "int":
        return int(cell)
    return float(cell) if XSD.get(kind) == "double" else cell


def _undeserialized(field: FieldSpec, cell: str, column: int) -> Exception:
    text = (
        f"Failed to deserialize field at col {column}. Due to, '{cell}' is not a valid value for"
        f" the type xsd:{XSD.get(field.type, 'string')}"
    )
    return row_error("INVALID_FIELD", text, field.name)
