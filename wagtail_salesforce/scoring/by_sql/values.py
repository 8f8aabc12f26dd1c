"""Values as the tests compare them, and the condition under which only Python knows them."""

from __future__ import annotations

from dataclasses import dataclass

from wagtail_salesforce.contacts.fields import FIELDS, FieldType
from wagtail_salesforce.scoring.by_sql.fragments import Sql, sql
from wagtail_salesforce.scoring.tests import TEXTS


@dataclass(frozen=True)
class Known:
    """SQL of a value (null when empty), and of the condition under which it is not to be had."""

    value: Sql
    odd: Sql


#: What `str.strip` takes for space, among ASCII.
SPACE = " \t\n\x0b\x0c\r\x1c\x1d\x1e\x1f"

_DAY = "(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31"
_DATE = rf"(000[1-9]|00[1-9]\d|0[1-9]\d\d|[1-9]\d\d\d)-({_DAY})"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,6})?\+00:00"

#: Attribute type -> (JSON type, form of the text or None for any, SQL type): what Python and SQL read alike.
SHAPES = {
    FieldType.INTEGER: ("number", r"^-?\d{1,18}$", "numeric"),
    FieldType.DECIMAL: ("string", r"^[+-]?\d{1,17}(\.\d{1,17})?$", "numeric"),
    FieldType.FLOAT: ("number", r"^-?\d{1,15}(\.\d{1,15})?$", "float8"),
    FieldType.BOOLEAN: ("boolean", None, "boolean"),
    FieldType.DATE: ("string", rf"^({_DATE})$", "date"),
    FieldType.DATETIME: ("string", rf"^(?!000[01])({_DATE})T{_TIME}$", "timestamptz"),
}


def text(column: Sql) -> Known:
    """Text folded as `tests.fold` does it, for text of ASCII alone."""
    folded = sql("NULLIF(lower(btrim({}, {}) COLLATE \"C\"), '')", column, SPACE)
    return Known(folded, sql("octet_length({}) <> char_length({})", column, column))


def contact_field(name: str) -> Known:
    """A field of the contact `c`."""
    column = Sql(f'c."{name}"')
    kind = FIELDS[name].type
    return text(column) if kind in TEXTS else Known(column, Sql("FALSE"))


def attribute(name: str, kind: FieldType, value: Sql) -> Known:
    """An attribute of the contact `c`. `value` is the column in which the value stands."""
    raw = sql("(c.attributes -> {})", name)
    words = sql("(c.attributes ->> {})", name)
    if kind in TEXTS:
        # Anything but text is a value of a former type, and counts as empty.
        return text(sql("CASE WHEN jsonb_typeof({}) = 'string' THEN {} END", raw, words))
    json_type, form, sql_type = SHAPES[kind]
    plain = sql("jsonb_typeof({}) = {}", raw, json_type)
    if form is not None:
        plain = sql("{} AND {} ~ {}", plain, words, form)
    known = sql(f"CASE WHEN {{}} THEN ({{}})::{sql_type} END", plain, words)
    odd = sql("(COALESCE(jsonb_typeof({}), 'null') <> 'null' AND {} IS NULL)", raw, value)
    return Known(known, odd)
