"""The values of the mapping's preview as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils.dateparse import parse_date, parse_datetime
from django.utils.formats import date_format, localize
from django.utils.timezone import is_aware, localtime
from django.utils.translation import gettext as _

from wagtail_salesforce.mapping.preview import PreviewRow
from wagtail_salesforce.salesforce.describe import ObjectDescribe


@dataclass(frozen=True)
class Line:
    """A row of the preview in words: what there is `here`, and what goes `there`.

    `exactly` is what Salesforce gets where the words for it are others, as with moments.
    """

    row: PreviewRow
    here: str
    there: str
    exactly: str = ""


def lines(rows: list[PreviewRow], describe: ObjectDescribe) -> list[Line]:
    """The rows with their values in words."""
    return [_line(row, describe) for row in rows]


def _line(row: PreviewRow, describe: ObjectDescribe) -> Line:
    field = describe.fields.get(row.field)
    sent = _read_back(row.value, field.type if field else "")
    is_moment = isinstance(sent, date)
    return Line(row, in_words(row.source_value), in_words(sent), row.value if is_moment else "")


def _read_back(value: Any, kind: str) -> Any:
    """Dates and times travel as text."""
    if not isinstance(value, str):
        return value
    if kind == "datetime":
        return parse_datetime(value) or value
    return (parse_date(value) or value) if kind == "date" else value


def in_words(value: Any) -> str:
    """A value as the rest of the admin shows it; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return date_format(localtime(value) if is_aware(value) else value, "DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "DATE_FORMAT")
    if isinstance(value, list | tuple):
        return ", ".join(in_words(each) for each in value)
    return str(localize(value))
