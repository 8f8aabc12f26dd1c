"""The cells of a row as values for a contact; what cannot be taken over is noted or refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.choices import choices_of, folded, pick
from wagtail_salesforce.contacts.emails import email_key, valid_email
from wagtail_salesforce.contacts.fields import WRITABLE, FieldType
from wagtail_salesforce.contacts.filling import refused, room_for, room_for_attribute, shorten
from wagtail_salesforce.contacts.importing.columns import EMAIL, check_targets
from wagtail_salesforce.contacts.importing.options import Options
from wagtail_salesforce.contacts.importing.problems import FileProblem
from wagtail_salesforce.contacts.models import Attribute, ContactStatus
from wagtail_salesforce.contacts.names import FULL_NAME, split_name
from wagtail_salesforce.contacts.reading import NUMBERS, read
from wagtail_salesforce.contacts.spreadsheets import FORMULA_STARTS
from wagtail_salesforce.contacts.values import to_json


TEXTS = {FieldType.TEXT, FieldType.LONG_TEXT}
MOMENTS = {FieldType.DATE, FieldType.DATETIME}

# Exports put an apostrophe before what a spreadsheet program would calculate.
_GUARDED = re.compile(f"'(?=[{re.escape(''.join(FORMULA_STARTS))}])")
_DATE = re.compile(r"(\d{1,2})([/.-])\s?(\d{1,2})\2\s?(\d{4})(?!\d)", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})(?!\d)", re.ASCII)
_TWELVE_HOURS = re.compile(r"[ T](\d{1,2}):(\d\d)(:\d\d)?\s?([ap])\.?m\.?\Z", re.ASCII | re.I)
_ONE_DIGIT_HOUR = re.compile(r"([ T])(\d:\d\d)", re.ASCII)
_NUMBERS = {
    "point": (",", re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?\Z", re.ASCII)),
    "comma": (".", re.compile(r"[+-]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?\Z", re.ASCII)),
}


@dataclass
class Draft:
    """What a row says of a contact. `fields` are Python values, `attributes` JSON values."""

    line: int
    email: str
    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    attributes: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


#: Text without space around it -> the value to keep, or None; ValueError with the cure.
Reader = Callable[[str], Any]
Fill = Callable[[Draft, str], None]


class RowReader:
    """Reads the rows of a file whose columns fill `targets`."""

    def __init__(self, header: Sequence[str], targets: Sequence[str], options: Options) -> None:
        attributes = Attribute.objects.filter(name__in=targets)
        known = {attribute.name: attribute for attribute in attributes}
        _check(header, targets, known)
        self.width = len(header)
        self.email = list(targets).index(EMAIL)
        self.fills: list[tuple[int, Fill]] = [
            (index, _fill_for(target, known, options))
            for index, target in enumerate(targets)
            if target and target != EMAIL
        ]

    def read(self, line: int, cells: list[str]) -> Draft:
        """What the row says; ValueError with the reason when it has to be refused."""
        self._check_width(cells)
        address = plain(cells[self.email])
        if not address:
            raise ValueError(_("There is no e-mail address, so nobody could be recognised."))
        address = valid_email(address)
        draft = Draft(line, address, email_key(address) or "")
        for index, fill in self.fills:
            if text := plain(cells[index]):
                fill(draft, text)
        return draft

    def _check_width(self, cells: list[str]) -> None:
        if len(cells) < self.width or any(map(str.strip, cells[self.width :])):
            words = _(
                "The row has %(cells)s cells, but the header has %(columns)s. Check its "
                "delimiters and quotation marks."
            )
            raise ValueError(words % {"cells": len(cells), "columns": self.width})


def plain(cell: str) -> str:
    """A cell without space around it and without the apostrophe that exports put before it."""
    text = cell.strip()
    return text[1:] if text[:1] == "'" and _GUARDED.match(text) else text


def _check(header: Sequence[str], targets: Sequence[str], attributes: Mapping[str, Any]) -> None:
    """FileProblem when the columns cannot be imported, or not any more."""
    problem = next(check_targets(targets, attributes), None)
    if problem and problem.column is None:
        raise FileProblem("no_email_column")
    if problem or len(targets) != len(header):
        raise FileProblem("import_columns")


def _fill_for(target: str, attributes: Mapping[str, Attribute], options: Options) -> Fill:
    if target == FULL_NAME:
        return _full_name
    if target in attributes:
        return _attribute_fill(attributes[target], options)
    column = WRITABLE[target]
    reader = _status_reader() if target == "status" else _reader(column.type, options)
    return partial(_field, target, str(column.label), room_for(target), reader)


def _attribute_fill(attribute: Attribute, options: Options) -> Fill:
    kind = FieldType(attribute.type)
    if kind is FieldType.CHOICE:
        reader: Reader | None = partial(pick, choices=choices_of(attribute.choices))
    else:
        reader = _json_reader(kind, options)
    room = room_for_attribute(kind)
    return partial(_attribute, attribute.name, attribute.label, room, reader)


def _json_reader(kind: FieldType, options: Options) -> Reader | None:
    reader = _reader(kind, options)
    return reader and (lambda text: to_json(reader(text), kind))


def _field(
    name: str, label: str, room: int | None, reader: Reader | None, draft: Draft, text: str
) -> None:
    draft.fields[name] = _value(label, room, reader, draft, text)


def _attribute(
    name: str, label: str, room: int | None, reader: Reader | None, draft: Draft, text: str
) -> None:
    draft.attributes[name] = _value(label, room, reader, draft, text)


def _value(label: str, room: int | None, reader: Reader | None, draft: Draft, text: str) -> Any:
    """The value, shortened where it is too long; None when it is refused, which is noted."""
    try:
        value = reader(text) if reader else text
    except ValueError as error:
        draft.notes.append(refused(label, error))
        return None
    return shorten(label, value, room, draft.notes)


def _full_name(draft: Draft, text: str) -> None:
    for name, part in split_name(text).fields.items():
        draft.fields[name] = shorten(str(WRITABLE[name].label), part, room_for(name), draft.notes)


def _reader(kind: FieldType, options: Options) -> Reader | None:
    """How to read a cell of this type; None for text, which is taken as it is."""
    if kind in TEXTS:
        return None
    if kind in NUMBERS and options.numbers:
        return partial(_number, kind=kind, notation=options.numbers)
    if kind in MOMENTS:
        return partial(_moment, kind=kind, day_first=options.date_order == "day")
    return partial(read, kind=kind)


def _number(text: str, kind: FieldType, notation: str) -> Any:
    separator, pattern = _NUMBERS[notation]
    digits = re.sub(r"[\s'’]", "", text).replace("\u2212", "-")
    if not pattern.match(digits):
        example = {"point": "1,234.50", "comma": "1.234,50"}[notation]
        raise ValueError(_("Give a number such as %(example)s.") % {"example": example})
    digits = digits.replace(separator, "").replace(",", ".")
    return read(digits, kind, number_field=True)


def _moment(text: str, kind: FieldType, day_first: bool) -> Any:
    return read(iso(text, day_first=day_first), kind)


def iso(text: str, *, day_first: bool) -> str:
    """A date, perhaps with a time, as year-month-day; what is none is returned as it is.

    With dots the day always stands first; with slashes and hyphens as `day_first` says.
    """
    if match := _DATE.match(text):
        first, mark, second, year = match.groups()
        day, month = (first, second) if day_first or mark == "." else (second, first)
        text = f"{year}-{month:0>2}-{day:0>2}{text[match.end() :]}"
    elif match := _YEAR_FIRST.match(text):
        year, month, day = match.groups()
        text = f"{year}-{month:0>2}-{day:0>2}{text[match.end() :]}"
    text = _TWELVE_HOURS.sub(_twenty_four, text)
    return _ONE_DIGIT_HOUR.sub(r"\g<1>0\2", text, count=1)


def _twenty_four(match: re.Match[str]) -> str:
    hour, minute, second, half = match.groups()
    hours = int(hour) % 12 + (12 if half.lower() == "p" else 0)
    return f" {hours:02}:{minute}{second or ''}"


def _status_reader() -> Reader:
    """Finds the status of a name, whatever its case."""
    names = {folded(name): name for name in ContactStatus.objects.values_list("name", flat=True)}

    def reader(text: str) -> str:
        try:
            return names[folded(text)]
        except KeyError:
            raise ValueError(_("There is no such contact status. Add it first.")) from None

    return reader
