"""Typed form fields for the attributes of a contact."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.widgets import (
    AdminAutoHeightTextInput,
    AdminDateInput,
    AdminDateTimeInput,
)

from wagtail_salesforce.contacts.choices import choices_of
from wagtail_salesforce.contacts.fields import ATTRIBUTE_TEXT_LENGTH, FieldType
from wagtail_salesforce.contacts.models import Attribute, Contact
from wagtail_salesforce.contacts.values import to_json, to_python


PREFIX = "attribute-"


def _boolean(**kwargs: Any) -> forms.Field:
    """Three answers: nobody has said "no" where nobody was asked."""
    choices = [("", _("Not known")), ("true", _("Yes")), ("false", _("No"))]
    return forms.TypedChoiceField(
        choices=choices, coerce=lambda value: value == "true", empty_value=None, **kwargs
    )


MAKERS: dict[FieldType, Callable[..., forms.Field]] = {
    FieldType.TEXT: lambda **kw: forms.CharField(max_length=ATTRIBUTE_TEXT_LENGTH, **kw),
    FieldType.LONG_TEXT: lambda **kw: forms.CharField(widget=AdminAutoHeightTextInput, **kw),
    FieldType.INTEGER: forms.IntegerField,
    FieldType.DECIMAL: forms.DecimalField,
    FieldType.FLOAT: forms.FloatField,
    FieldType.BOOLEAN: _boolean,
    FieldType.DATE: lambda **kw: forms.DateField(widget=AdminDateInput, **kw),
    FieldType.DATETIME: lambda **kw: forms.DateTimeField(widget=AdminDateTimeInput, **kw),
    FieldType.CHOICE: forms.ChoiceField,
}


def form_field(attribute: Attribute, stored: Any = None) -> forms.Field:
    """The form field for one attribute; never required, as nobody has to be asked.

    A stored value that is no choice any more can still be chosen, so that it is not lost.
    """
    kind = FieldType(attribute.type)
    more = {"choices": _options(attribute, stored)} if kind is FieldType.CHOICE else {}
    labels = {"label": attribute.label, "help_text": attribute.help_text}
    return MAKERS[kind](required=False, **labels, **more)


def _options(attribute: Attribute, stored: Any) -> list[tuple[str, str]]:
    choices = choices_of(attribute.choices)
    return offered(choices, stored if isinstance(stored, str) else "")


def offered(choices: Iterable[str], stored: str) -> list[tuple[str, str]]:
    """Options of a select: none, the choices, and a stored value that is none of them."""
    options = [("", gettext("Not known")), *((choice, choice) for choice in choices)]
    if stored and (stored, stored) not in options:
        former = gettext("%(value)s (no choice any more)") % {"value": stored}
        options.append((stored, former))
    return options


def python_value(stored: Any, kind: FieldType) -> Any:
    """A stored value in its Python form. One that does not fit its type any more is shown as it
    is, so that somebody sees what is wrong instead of losing it."""
    if stored is None:
        return None
    try:
        return to_python(stored, kind)
    except ValueError:
        return stored


def initial_value(stored: Any, kind: FieldType) -> Any:
    """A stored value as its form field takes it."""
    value = python_value(stored, kind)
    return str(value).lower() if isinstance(value, bool) else value


class AttributeFields:
    """For a contact's model form: adds `attribute-<name>` fields and reads them back."""

    # What the model form brings along.
    instance: Contact
    fields: dict[str, Any]
    initial: dict[str, Any]
    cleaned_data: dict[str, Any]
    changed_data: list[str]
    add_error: Callable[..., None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for attribute in self.known_attributes:
            stored = self.instance.attributes.get(attribute.name)
            self.fields[PREFIX + attribute.name] = form_field(attribute, stored)
            self.initial[PREFIX + attribute.name] = self._initial(attribute)

    @cached_property
    def known_attributes(self) -> list[Attribute]:
        return list(Attribute.objects.all())

    def _initial(self, attribute: Attribute) -> Any:
        stored = self.instance.attributes.get(attribute.name)
        return initial_value(stored, FieldType(attribute.type))

    def clean(self) -> dict[str, Any]:
        """What a form field accepts must also fit the attribute's JSON form."""
        cleaned = super().clean()  # type: ignore[misc]
        for attribute in self.known_attributes:
            self._clean_attribute(attribute)
        return cleaned

    def _clean_attribute(self, attribute: Attribute) -> None:
        value = self.cleaned_data.get(PREFIX + attribute.name)
        if value in (None, ""):
            return
        try:
            to_json(value, FieldType(attribute.type))
        except ValueError as error:
            self.add_error(PREFIX + attribute.name, str(error))

    @property
    def attributes_changed(self) -> list[Attribute]:
        changed = set(self.changed_data)
        return [item for item in self.known_attributes if PREFIX + item.name in changed]

    def changed_attributes(self, stored: dict[str, Any]) -> dict[str, Any]:
        """The stored values with the changed ones put in; emptied ones are taken out."""
        values = dict(stored)
        for attribute in self.attributes_changed:
            value = self.cleaned_data[PREFIX + attribute.name]
            if value in (None, ""):
                values.pop(attribute.name, None)
            else:
                values[attribute.name] = to_json(value, FieldType(attribute.type))
        return values

    @property
    def attribute_form_fields(self) -> list[Any]:
        """The bound fields of all attributes, for the template."""
        return [
            self[PREFIX + attribute.name]  # type: ignore[index]
            for attribute in self.known_attributes
        ]
