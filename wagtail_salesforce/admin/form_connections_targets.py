"""What a form field may fill, as the choices of a select."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from wagtail_salesforce.contacts.fields import WRITABLE
from wagtail_salesforce.contacts.models import Attribute
from wagtail_salesforce.contacts.names import FULL_NAME


Target = dict[str, str]


def encode(target: Target) -> str:
    """A target as the value of a choice: {"field": "email"} is "field:email"."""
    return ":".join(next(iter(target.items()), ("", ""))) if target else ""


def decode(text: str) -> Target:
    """The target of a choice's value; {} for none."""
    kind, _colon, name = text.partition(":")
    return {kind: name} if name else {}


def decode_name(encoded: str) -> str:
    """The name in an encoded target."""
    return encoded.partition(":")[2]


def target_choices() -> list[Any]:
    """What a form field may fill: contact fields, a full name and attributes, in groups."""
    fields = [(f"field:{name}", field.label) for name, field in WRITABLE.items()]
    fields.insert(1, (f"split:{FULL_NAME}", full_name_label()))
    attributes = [(f"attribute:{item.name}", item.label) for item in Attribute.objects.all()]
    choices: list[Any] = [("", _("Do not keep")), (_("Contact fields"), fields)]
    return [*choices, (_("Attributes"), attributes)] if attributes else choices


def full_name_label() -> str:
    """What filling all parts of a name is called."""
    return _("Full name (to be split)")


def with_unknown(choices: list[Any], initial: str) -> list[Any]:
    """A stored target that no longer exists stays visible instead of being dropped unseen."""
    known = {value for _group, options in choices[1:] for value, _label in options}
    if not initial or initial in known:
        return choices
    return [*choices, (initial, _("%(name)s (no longer exists)") % {"name": decode_name(initial)})]


def target_label(target: Target, attributes: dict[str, str]) -> str:
    """What a target is called; `attributes` are labels by name."""
    kind, name = next(iter(target.items()), ("", ""))
    if kind == "attribute":
        return attributes.get(name, name)
    if kind == "split":
        return full_name_label()
    return str(WRITABLE[name].label) if name in WRITABLE else name
