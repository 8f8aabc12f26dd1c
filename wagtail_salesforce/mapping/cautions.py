"""Warnings: rows of a mapping that will do for most contacts and not for all."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import TEXT_TYPES, FieldType
from wagtail_salesforce.contacts.values import DIGITS, to_python
from wagtail_salesforce.mapping import numbers
from wagtail_salesforce.mapping.constants import PICKLIST_TYPES
from wagtail_salesforce.mapping.convert import WHOLE_ONLY
from wagtail_salesforce.mapping.problem import MappingProblem, warning
from wagtail_salesforce.mapping.resolve import SourceInfo
from wagtail_salesforce.salesforce.describe import FieldDescribe


_NUMERIC = frozenset({"int", "long", "double", "percent", "currency"})
_NUMBERS = frozenset({FieldType.INTEGER, FieldType.DECIMAL, FieldType.FLOAT})


def cautions(field: FieldDescribe, info: SourceInfo) -> Iterator[MappingProblem]:
    """What may go wrong when this source, whose type fits, fills this Lead field."""
    if info.type in _NUMBERS:
        yield from _digits(field, info)
    elif info.type in TEXT_TYPES and field.length and field.type not in PICKLIST_TYPES:
        yield from _too_long(field, info)
    if field.required and info.may_be_empty:
        message = _(
            "%(source)s may be empty, but Salesforce requires %(label)s: contacts without it are "
            "suspended."
        ) % {"source": info.label, "label": field.label}
        yield warning(field.name, "may_be_empty", message)


def _too_long(field: FieldDescribe, info: SourceInfo) -> Iterator[MappingProblem]:
    values = {"source": info.label, "label": field.label, "to": field.length}
    if info.unlimited:
        message = (
            _("%(source)s has no limit of length, but %(label)s takes %(to)d characters.") % values
        )
    elif info.max_length is not None and info.max_length > field.length:
        message = _(
            "The site's %(source)s may have %(from)d characters, but Salesforce's %(label)s takes "
            "%(to)d."
        ) % {**values, "from": info.max_length}
    else:
        return
    is_note = field.type not in WHOLE_ONLY
    yield warning(field.name, "too_long", f"{message} {_consequence(field)}", is_note=is_note)


def _consequence(field: FieldDescribe) -> str:
    if field.type in WHOLE_ONLY:
        return _("Contacts with longer values are suspended, as a part of an address is useless.")
    return _("Longer values are shortened.")


def _digits(field: FieldDescribe, info: SourceInfo) -> Iterator[MappingProblem]:
    taken = numbers.whole_digits(field)
    if taken < DIGITS:
        message = _(
            "%(source)s may have %(from)d digits before the decimal point, but %(label)s takes "
            "%(to)d: contacts with larger numbers are suspended."
        ) % {"source": info.label, "from": DIGITS, "label": field.label, "to": taken}
        yield warning(field.name, "digits", message)


def constant_cautions(field: FieldDescribe, given: Any, sent: Any) -> Iterator[MappingProblem]:
    """What becomes of a constant that is right, but not kept as it is written."""
    if field.type not in _NUMERIC:
        return
    if to_python(given, FieldType.DECIMAL) != Decimal(str(sent)):
        message = _(
            "%(label)s keeps %(scale)d decimals, so %(sent)s is sent. Write it like that, or let "
            "the field keep more decimals in Salesforce."
        ) % {"label": field.label, "scale": numbers.scale(field), "sent": sent}
        yield warning(field.name, "rounded", message, is_note=True)
