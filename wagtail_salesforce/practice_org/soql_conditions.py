"""WHERE conditions turned into a test of records.

Source: SOQL reference, "Comparison Operators", "Date Formats and Date Literals".
"""

import operator
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from .fields import FieldSpec
from .ids import normalise
from .moments import day_start, format_moment, parse_date, parse_moment
from .org import Org
from .schema import ObjectSpec
from .soql import Comparison, Condition, Junction, Negation, Statement, Value
from .soql_fields import Path, resolve_path
from .soql_periods import period
from .tables import Row


Test = Callable[[Row], bool]
COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
WANTED = {
    "boolean": "boolean",
    "int": "number",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "date": "date",
    "datetime": "datetime",
}


class Conditions:
    """Compiles the conditions of one statement."""

    def __init__(self, org: Org, statement: Statement, spec: ObjectSpec) -> None:
        self.org, self.statement, self.spec = org, statement, spec

    def compile(self, condition: Condition) -> Test:
        """The test that a condition stands for."""
        if isinstance(condition, Negation):
            inner = self.compile(condition.part)
            return lambda row: not inner(row)
        if isinstance(condition, Junction):
            tests = [self.compile(part) for part in condition.parts]
            joined = all if condition.kind == "AND" else any
            return lambda row: joined(test(row) for test in tests)
        return self._comparison(condition)

    def _comparison(self, comparison: Comparison) -> Test:
        path = resolve_path(self.org, self.statement, self.spec, comparison.name)
        self._check_filterable(comparison, path.field)
        if comparison.operator in ("IN", "NOT IN"):
            return self._among(comparison, path)
        if comparison.value.kind == "period":
            return self._in_period(comparison, path)
        wanted = self._value(path.field, comparison.value)
        if comparison.operator == "LIKE":
            return self._like(comparison, path, wanted)
        return self._compare(path, comparison.operator, wanted)

    def _check_filterable(self, comparison: Comparison, field: FieldSpec) -> None:
        if field.is_long_text or field.type in ("address", "encryptedstring"):
            # Assumption soql-texts: the text of a field that cannot be filtered.
            text = f"field '{field.name}' can not be filtered in a query call"
            raise self.statement.error(comparison.name, "INVALID_FIELD", text)

    def _compare(self, path: Path, sign: str, wanted: Any) -> Test:
        read = self._reader(path)
        if sign == "=":
            return lambda row: read(row) == wanted
        if sign == "!=":
            return lambda row: read(row) != wanted
        compare = COMPARE[sign]

        def test(row: Row) -> bool:
            value = read(row)
            return value is not None and wanted is not None and compare(value, wanted)

        return test

    def _among(self, comparison: Comparison, path: Path) -> Test:
        read = self._reader(path)
        wanted = {self._value(path.field, value) for value in comparison.value}
        if comparison.operator == "IN":
            return lambda row: read(row) in wanted
        return lambda row: read(row) not in wanted

    def _like(self, comparison: Comparison, path: Path, wanted: Any) -> Test:
        if not path.field.is_text or not isinstance(wanted, str):
            # Assumption soql-texts: code and text of LIKE on anything but text.
            text = "invalid operator on field"
            raise self.statement.error(comparison.name, "INVALID_QUERY_FILTER_OPERATOR", text)
        pattern = re.compile(_like_pattern(wanted), re.IGNORECASE | re.DOTALL)
        read = self._reader(path)
        return lambda row: pattern.fullmatch(read(row) or "") is not None

    def _in_period(self, comparison: Comparison, path: Path) -> Test:
        value: Value = comparison.value
        # Assumption soql-utc-days: the org's days are those of UTC.
        span = period(value.value, self.org.clock.now().date())
        if span is None or path.field.type not in ("date", "datetime"):
            text = f"unexpected token: '{value.word.text}'"
            raise self.statement.error(value.word, "MALFORMED_QUERY", text)
        start, end = (self._day(path.field, day) for day in span)
        read = self._reader(path)
        inside: dict[str, Callable[[Any], bool]] = {
            "=": lambda each: start <= each < end,
            "!=": lambda each: not start <= each < end,
            "<": lambda each: each < start,
            "<=": lambda each: each < end,
            ">": lambda each: each >= end,
            ">=": lambda each: each >= start,
        }
        test = inside.get(comparison.operator, inside["="])
        missing = comparison.operator == "!="
        return lambda row: missing if (each := read(row)) is None else test(each)

    @staticmethod
    def _day(field: FieldSpec, day: Any) -> str:
        return format_moment(day_start(day)) if field.type == "datetime" else day.isoformat()

    def _reader(self, path: Path) -> Callable[[Row], Any]:
        """Reads a record's value in the form it is compared in."""
        org = self.org
        if path.field.is_text and not path.field.case_sensitive:
            return lambda row: _lower(path.value(org, row))
        return lambda row: path.value(org, row)

    def _value(self, field: FieldSpec, value: Value) -> Any:
        """A literal in the form it is compared in; of the wrong kind it is refused."""
        if value.kind == "null":
            return False if field.type == "boolean" else None
        wanted = WANTED.get(field.type, "string")
        if value.kind != wanted:
            raise self._wrong(field, value, wanted)
        if field.type in ("id", "reference"):
            return self._id(value)
        if wanted in ("date", "datetime"):
            return self._moment(value)
        return _lower(value.value) if field.is_text and not field.case_sensitive else value.value

    def _wrong(self, field: FieldSpec, value: Value, wanted: str) -> Exception:
        # Assumption soql-texts: one text for every kind; that of strings has been reported.
        quotes = " and should be enclosed in quotes" if wanted == "string" else ""
        also = "" if wanted == "string" else " and should not be enclosed in quotes"
        text = f"value of filter criterion for field '{field.name}' must be of type {wanted}"
        return self.statement.error(value.word, "INVALID_FIELD", text + quotes + also)

    def _id(self, value: Value) -> str:
        record_id = normalise(value.value)
        if record_id is None:
            # Assumption soql-texts: code and text of a malformed id in a condition.
            text = f"invalid ID field: {value.value}"
            raise self.statement.error(value.word, "INVALID_QUERY_FILTER_OPERATOR", text)
        return record_id

    def _moment(self, value: Value) -> str:
        """A date or datetime literal as the tables keep them."""
        if value.kind == "date":
            day = parse_date(value.value)
            if day is not None:
                return day.isoformat()
        else:
            text = re.sub(r"([+-]\d{2})(\d{2})$", r"\1:\2", value.value)
            moment: datetime | None = parse_moment(text)
            if moment is not None:
                return format_moment(moment)
        text = f"unexpected token: '{value.word.text}'"
        raise self.statement.error(value.word, "MALFORMED_QUERY", text)


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _like_pattern(text: str) -> str:
    pieces = re.split(r"(\\[%_]|[%_])", text)
    special = {"%": ".*", "_": ".", "\\%": "%", "\\_": "_"}
    return "".join(special.get(piece, re.escape(piece)) for piece in pieces)
