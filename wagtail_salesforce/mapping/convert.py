"""Pure conversion: a value and a Lead field give a JSON-ready value, a refusal or a shortened text.

| Lead type | takes | how |
|---|---|---|
| boolean | bool | None is left out: a blank never becomes true |
| date, datetime | date, datetime | calendar day in the site's time zone; moments in UTC |
| string, textarea, phone, encryptedstring, combobox | str | cleaned, shortened |
| email, url | str | cleaned; refused when too long, as a part of an address leads elsewhere |
| picklist | str | the organization's spelling; refused when restricted and unknown |
| multipicklist | str with `;`, list of str | the same for each entry, at most 100 |
| int, long, double, percent, currency | int, float, Decimal | half even; refused when too large |
| reference | str | 15 or 18 characters with a right checksum, and a prefix that fits |

None means "empty" throughout. A value of another type is refused, so that no wrong kind of JSON
value can spoil a whole request (JSON_PARSER_ERROR).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, tzinfo
from typing import Any

from wagtail_salesforce.contacts.fields import TEXT_TYPES, FieldType
from wagtail_salesforce.mapping import moments, numbers, picklists, references, refusals, text
from wagtail_salesforce.mapping.converters import own_converter
from wagtail_salesforce.mapping.outcomes import Converted, Shortened
from wagtail_salesforce.salesforce.describe import FieldDescribe


Converter = Callable[[Any], Converted]


_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})
_DATES = frozenset({FieldType.DATE, FieldType.DATETIME})

# Which types of contact fields and attributes fill which types of Lead fields.
FITTING: dict[str, frozenset[FieldType]] = {
    "boolean": frozenset({FieldType.BOOLEAN}),
    "date": _DATES,
    "datetime": _DATES,
    **dict.fromkeys(("string", "textarea", "phone", "encryptedstring", "combobox"), TEXT_TYPES),
    **dict.fromkeys(("email", "url", "picklist", "multipicklist"), TEXT_TYPES),
    **dict.fromkeys(("int", "long", "double", "percent", "currency"), _NUMBERS),
    # Ids are the organization's own: only a constant fills them.
    "reference": frozenset(),
}
WHOLE_ONLY = frozenset({"email", "url"})
# Where a describe gives no length: Object reference, "Field Types".
DEFAULT_LENGTH = 255


def taken_by(field: FieldDescribe) -> frozenset[FieldType]:
    """The types of sources that may fill the Lead field."""
    own = own_converter(field)
    if own is not None and own.takes is not None and supported(field):
        return own.takes
    return FITTING.get(field.type, frozenset())


def fits(field: FieldDescribe, source_type: FieldType) -> bool:
    """Whether sources of this type may fill the Lead field."""
    return source_type in taken_by(field)


def supported(field: FieldDescribe) -> bool:
    """Whether fields of this type can be filled at all."""
    return field.type in FITTING


def convert(value: Any, field: FieldDescribe, zone: tzinfo) -> Converted:
    """Convert one value; for many values of one field keep the `converter`."""
    return converter(field, zone)(value)


def converter(field: FieldDescribe, zone: tzinfo) -> Converter:
    """The function that converts values for this field.

    It takes a Python value and answers a JSON-ready value, None for "empty", a Refusal or a
    Shortened; it raises nothing. `zone` is the site's time zone.
    """
    make = _MAKERS.get(field.type)
    return make(field, zone) if make else lambda value: refusals.wrong_type(field)


def _boolean(field: FieldDescribe, zone: tzinfo) -> Converter:
    def convert_boolean(value: Any) -> Converted:
        if value is None or value is True or value is False:
            return value
        return refusals.wrong_type(field)

    return convert_boolean


def _moment(field: FieldDescribe, zone: tzinfo) -> Converter:
    write = moments.date_text if field.type == "date" else moments.datetime_text

    def convert_moment(value: Any) -> Converted:
        if value is None:
            return None
        if not isinstance(value, date):
            return refusals.wrong_type(field)
        try:
            return write(value, zone)
        except moments.OutOfRange:
            return refusals.date_out_of_range(field)

    return convert_moment


def _number(field: FieldDescribe, zone: tzinfo) -> Converter:
    def convert_number(value: Any) -> Converted:
        if value is None:
            return None
        try:
            return numbers.fit(value, field)
        except numbers.TooLarge:
            return refusals.too_large(field)
        except numbers.NotANumber:
            return refusals.not_a_number(field)

    return convert_number


def _text(field: FieldDescribe, zone: tzinfo) -> Converter:
    multiline, length = field.type == "textarea", field.length or DEFAULT_LENGTH
    whole_only = field.type in WHOLE_ONLY

    def convert_text(value: Any) -> Converted:
        if value is None:
            return None
        if not isinstance(value, str):
            return refusals.wrong_type(field)
        whole = text.clean(value, multiline=multiline)
        if len(whole) * 2 <= length or (size := text.units(whole)) <= length:
            return whole or None
        if whole_only:
            return refusals.too_long(field)
        part = text.shorten(whole, length)
        return Shortened(field.name, part, size, text.units(part))

    return convert_text


def _picklist(field: FieldDescribe, zone: tzinfo) -> Converter:
    find, as_text = picklists.finder(field), _text(field, zone)

    def convert_picklist(value: Any) -> Converted:
        if not isinstance(value, str):
            return as_text(value)
        entry = text.clean(value, multiline=False)
        if not entry:
            return None
        try:
            return as_text(picklists.one(entry, find, restricted=field.restricted))
        except picklists.NotInList:
            return refusals.not_in_list(field)

    return convert_picklist


def _multipicklist(field: FieldDescribe, zone: tzinfo) -> Converter:
    find = picklists.finder(field)

    def convert_multipicklist(value: Any) -> Converted:
        if value is None:
            return None
        if not _is_text_or_texts(value):
            return refusals.wrong_type(field)
        entries = [text.clean(entry, multiline=False) for entry in picklists.split(value)]
        try:
            chosen = picklists.several(filter(None, entries), find, restricted=field.restricted)
        except picklists.NotInList:
            return refusals.not_in_list(field)
        except picklists.TooMany:
            return refusals.too_many(field)
        # Half an entry would be another one, so nothing is cut here.
        if chosen and field.length and text.units(chosen) > field.length:
            return refusals.too_long(field)
        return chosen

    return convert_multipicklist


def _is_text_or_texts(value: Any) -> bool:
    if isinstance(value, (list, tuple)):
        return all(isinstance(entry, str) for entry in value)
    return isinstance(value, str)


def _reference(field: FieldDescribe, zone: tzinfo) -> Converter:
    def convert_reference(value: Any) -> Converted:
        if value is None or value == "":
            return None
        try:
            return references.full_id(str(value).strip(), field.reference_to)
        except references.WrongForm:
            return refusals.malformed_id(field)
        except references.WrongChecksum:
            return refusals.wrong_checksum(field)
        except references.WrongObject:
            return refusals.wrong_object(field)

    return convert_reference


_MAKERS: dict[str, Callable[[FieldDescribe, tzinfo], Converter]] = {
    "boolean": _boolean,
    **dict.fromkeys(("date", "datetime"), _moment),
    **dict.fromkeys(("int", "long", "double", "percent", "currency"), _number),
    **dict.fromkeys(("string", "textarea", "phone", "encryptedstring", "combobox"), _text),
    **dict.fromkeys(("email", "url"), _text),
    "picklist": _picklist,
    "multipicklist": _multipicklist,
    "reference": _reference,
}
