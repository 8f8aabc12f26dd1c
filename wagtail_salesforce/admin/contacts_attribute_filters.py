"""Filters of the contact list by the attributes that editors have defined, one for each.

They compare the JSON form of the values, of which dates and moments are text that sorts. A value
that does not fit the type of its attribute any more is found by no filter of numbers or dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django.core.validators import MaxLengthValidator
from django.db.models import Case, DecimalField, FloatField, Q, QuerySet, TextField, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters.widgets import RangeWidget
from wagtail.admin.filters import DateRangePickerWidget

from wagtail_salesforce.admin.contacts_attribute_fields import PREFIX
from wagtail_salesforce.contacts.choices import choices_of
from wagtail_salesforce.contacts.fields import ATTRIBUTE_TEXT_LENGTH, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.values import to_json


Contacts = QuerySet[Contact]

ANSWERS = [("true", gettext_lazy("Yes")), ("false", gettext_lazy("No"))]

# Only text of these forms is cast: any other would end the statement on PostgreSQL.
DECIMAL = (r"^[+-]?[0-9]{1,17}([.][0-9]{1,17})?$", DecimalField(max_digits=34, decimal_places=17))
FLOAT = (r"^-?[0-9]{1,200}([.][0-9]{1,200})?([eE][+-]?[0-9]{1,2})?$", FloatField())
DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}"


def attribute_filters(attributes: Iterable[Attribute]) -> dict[str, django_filters.Filter]:
    """A filter for each attribute, by its name in the list's address, such as "attribute-size"."""
    return {PREFIX + item.name: MAKERS[FieldType(item.type)](item) for item in attributes}


def having(contacts: Contacts, name: str, condition: Q) -> Contacts:
    """The contacts whose value of an attribute, called `value` in the condition, fulfils it."""
    # Not "attributes__<name>", which means something else for an attribute named "contains".
    return contacts.alias(value=KeyTransform(name, "attributes")).filter(condition)


def _text(attribute: Attribute) -> django_filters.Filter:
    return django_filters.CharFilter(
        field_name=attribute.name,
        label=_("%(attribute)s contains") % {"attribute": attribute.label},
        method=lambda contacts, name, text: having(contacts, name, Q(value__icontains=text)),
        validators=[MaxLengthValidator(ATTRIBUTE_TEXT_LENGTH)],
    )


def _choice(attribute: Attribute) -> django_filters.Filter:
    return django_filters.MultipleChoiceFilter(
        field_name=attribute.name,
        label=attribute.label,
        choices=[(choice, choice) for choice in choices_of(attribute.choices)],
        method=_any_of,
        widget=CheckboxSelectMultiple,
    )


def _any_of(contacts: Contacts, name: str, chosen: list[str]) -> Contacts:
    condition = Q()
    for choice in chosen:
        condition |= Q(value=choice)
    return having(contacts, name, condition)


def _boolean(attribute: Attribute) -> django_filters.Filter:
    return django_filters.ChoiceFilter(
        field_name=attribute.name,
        label=attribute.label,
        choices=ANSWERS,
        empty_label=gettext_lazy("Any"),
        method=lambda contacts, name, answer: having(contacts, name, Q(value=answer == "true")),
        widget=RadioSelect,
    )


class EndsWidget(RangeWidget):
    """Two boxes for numbers, each of which says which end it is."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for widget, label in zip(self.widgets, (_("At least"), _("At most")), strict=True):
            widget.attrs |= {"aria-label": label, "placeholder": label, "inputmode": "decimal"}


def _number(attribute: Attribute) -> django_filters.Filter:
    return django_filters.RangeFilter(
        field_name=attribute.name,
        label=attribute.label,
        method=_float_range if attribute.type == FieldType.FLOAT else _decimal_range,
        widget=EndsWidget,
    )


def _decimal_range(contacts: Contacts, name: str, asked: slice) -> Contacts:
    return _in_range(contacts, name, DECIMAL, asked)


def _float_range(contacts: Contacts, name: str, asked: slice) -> Contacts:
    return _in_range(contacts, name, FLOAT, asked)


def _in_range(contacts: Contacts, name: str, form: tuple[str, Any], asked: slice) -> Contacts:
    pattern, field = form
    number = Case(When(words__regex=pattern, then=Cast("words", field)), output_field=field)
    known = contacts.alias(words=_words(name)).alias(number=number)
    return known.filter(_between("number", asked.start, asked.stop))


def _between(what: str, least: Any, most: Any) -> Q:
    below = Q() if least is None else Q(**{f"{what}__gte": least})
    return below if most is None else below & Q(**{f"{what}__lte": most})


def _days(attribute: Attribute) -> django_filters.Filter:
    """From one day to another, both included."""
    return django_filters.DateFromToRangeFilter(
        field_name=attribute.name,
        label=attribute.label,
        method=_dates if attribute.type == FieldType.DATE else _moments,
        widget=DateRangePickerWidget,
    )


def _dates(contacts: Contacts, name: str, asked: slice) -> Contacts:
    ends = (end and end.date().isoformat() for end in (asked.start, asked.stop))
    return _text_between(contacts, name, *ends)


def _moments(contacts: Contacts, name: str, asked: slice) -> Contacts:
    """The ends are the first and the last moment of a day of the site's time zone."""
    ends = (end and to_json(end, FieldType.DATETIME) for end in (asked.start, asked.stop))
    return _text_between(contacts, name, *ends)


def _text_between(contacts: Contacts, name: str, least: Any, most: Any) -> Contacts:
    known = contacts.alias(words=_words(name)).filter(words__regex=DAY)
    return known.filter(_between("words", least, most))


def _words(name: str) -> Cast:
    # As plain text: what is compared with a JSON value is taken for JSON.
    return Cast(KeyTextTransform(name, "attributes"), TextField())


MAKERS: dict[FieldType, Callable[[Attribute], django_filters.Filter]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.INTEGER: _number,
    FieldType.DECIMAL: _number,
    FieldType.FLOAT: _number,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: _days,
    FieldType.DATETIME: _days,
    FieldType.CHOICE: _choice,
}
