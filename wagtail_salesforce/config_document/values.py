"""The values of a document's parts as the models keep them."""

from __future__ import annotations

from typing import Any

from django.utils.encoding import force_str
from django.utils.timezone import is_naive, make_aware

from wagtail_salesforce.config_document.shape import AttributePart, FormConnectionPart, RulePart
from wagtail_salesforce.contacts.choices import choices_of


def chosen(part: AttributePart) -> tuple[str, ...]:
    """The choices that the document gives, as an attribute keeps them."""
    return choices_of("\n".join(part.choices))


def targets_of(part: FormConnectionPart) -> dict[str, dict[str, str]]:
    """What the form fields fill, as a form connection keeps it."""
    return {name: target.model_dump(exclude_none=True) for name, target in part.fields.items()}


def rule_values(part: RulePart) -> dict[str, Any]:
    """The columns of a rule that the document gives."""
    values = part.given()
    if "value" in values:
        values["value"] = _rule_value(values["value"])
    until = values.get("valid_until")
    if until and is_naive(until):
        values["valid_until"] = make_aware(until)
    return values


def _rule_value(value: Any) -> str:
    """Rules keep their value as text; a list one entry a line."""
    if isinstance(value, list):
        return "\n".join(map(_rule_value, value))
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else force_str(value)
