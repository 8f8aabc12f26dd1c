"""Values that a mapping holds itself: constants and picklist entries."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import tzinfo
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.timezone import override
from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.values import to_python
from wagtail_salesforce.mapping import picklists, references
from wagtail_salesforce.mapping.convert import converter
from wagtail_salesforce.mapping.outcomes import Refusal, Shortened
from wagtail_salesforce.mapping.resolve import Group, SourceEntry, group_of
from wagtail_salesforce.salesforce.describe import FieldDescribe


PICKLIST_TYPES = frozenset({"picklist", "multipicklist"})

_TYPED = {
    "boolean": FieldType.BOOLEAN,
    "date": FieldType.DATE,
    **dict.fromkeys(("int", "long", "double", "percent", "currency"), FieldType.DECIMAL),
}
_WEB_ADDRESS = re.compile(r"\S+\.\S+")
_CODES = {
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": "picklist_value_unknown",
    "MALFORMED_ID": "reference_invalid",
}


class InvalidConstant(ValueError):
    """The value does not suit the Lead field; `code` names the fault, the message the cure."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        super().__init__(message)


def fixed_value(entry: SourceEntry, field: FieldDescribe, zone: tzinfo) -> Any:
    """What a constant or picklist entry sends for every contact. Raises InvalidConstant."""
    if group_of(entry) is Group.PICKLIST:
        return _entry_value(entry["value"], field)
    return _constant_value(entry["value"], field, zone)


def _entry_value(value: Any, field: FieldDescribe) -> str:
    """A picklist entry must be one of the active values, also where other texts are accepted."""
    if field.type not in PICKLIST_TYPES:
        raise InvalidConstant(
            "type_mismatch", _("%(label)s is no picklist.") % {"label": field.label}
        )
    entries = picklists.split(value) if field.type == "multipicklist" else [str(value)]
    try:
        chosen = picklists.several(entries, picklists.finder(field), restricted=True)
    except (picklists.NotInList, picklists.TooMany):
        chosen = None
    if chosen is None:
        raise InvalidConstant("picklist_value_unknown", _unknown_entry(field))
    return chosen


def _unknown_entry(field: FieldDescribe) -> str:
    return _(
        "The picklist %(label)s has no such active entry in Salesforce. Choose one of: %(values)s."
    ) % {"label": field.label, "values": picklists.allowed_words(field)}


def _constant_value(value: Any, field: FieldDescribe, zone: tzinfo) -> Any:
    result = converter(field, zone)(_typed(value, field, zone))
    if isinstance(result, Refusal):
        raise InvalidConstant(
            _CODES.get(result.code, "constant_invalid"), _refused(field, result.message)
        )
    if isinstance(result, Shortened):
        raise InvalidConstant("constant_invalid", _too_long(field, result))
    if result is None:
        raise InvalidConstant("constant_invalid", _("Enter a value."))
    _check_address(result, field)
    return result


def _refused(field: FieldDescribe, message: str) -> str:
    """An id of the wrong kind is easier to put right when one knows what the right ones look like."""
    hint = references.prefix_words(field.reference_to) if field.type == "reference" else ""
    return f"{message} {hint}" if hint else message


def _check_address(value: Any, field: FieldDescribe) -> None:
    """Salesforce refuses a wrong e-mail address with every single lead (INVALID_EMAIL_ADDRESS)."""
    if field.type == "email":
        try:
            validate_email(value)
        except ValidationError:
            message = _("Give an e-mail address for %(label)s, such as name@example.org.")
            raise InvalidConstant("constant_invalid", message % {"label": field.label}) from None
    if field.type == "url" and _WEB_ADDRESS.fullmatch(value) is None:
        message = _("Give a web address for %(label)s, such as https://www.example.org.")
        raise InvalidConstant("constant_invalid", message % {"label": field.label})


def _typed(value: Any, field: FieldDescribe, zone: tzinfo) -> Any:
    """The constant as Python has it: documents and forms give it as text, number or yes/no."""
    kind = _TYPED.get(field.type)
    try:
        if kind is not None:
            return to_python(value, kind)
        if field.type == "datetime":
            return _moment(value, zone)
    except ValueError as error:
        raise InvalidConstant("constant_invalid", str(error)) from None
    return _words(value)


def _moment(value: Any, zone: tzinfo) -> Any:
    """A time without an offset is the site's, whatever zone the person who looks at it is in."""
    try:
        return to_python(value, FieldType.DATE)
    except ValueError:
        with override(zone):
            return to_python(value, FieldType.DATETIME)


def _words(value: Any) -> Any:
    if isinstance(value, (bool, Mapping)):
        raise InvalidConstant("constant_invalid", _("Give text."))
    return value if isinstance(value, (list, tuple)) or value is None else str(value)


def _too_long(field: FieldDescribe, result: Shortened) -> str:
    return _("The constant has %(was)d characters, but %(label)s takes %(length)d. Shorten it.") % {
        "was": result.was,
        "label": field.label,
        "length": field.length,
    }
