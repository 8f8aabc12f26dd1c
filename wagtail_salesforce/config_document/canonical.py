"""What a document gives, in the very form in which `current_document` gives what is there."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from wagtail_salesforce.config_document.pages import page_at, path_of
from wagtail_salesforce.config_document.shape import (
    AttributePart,
    Document,
    FormConnectionPart,
    MappingPart,
    RulePart,
    ScorePart,
)
from wagtail_salesforce.config_document.values import chosen, rule_values, targets_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.values import clean_text


def canonical(document: Document) -> dict[str, Any]:
    """The keys that the document has, with their values as an export would have them."""
    parts: dict[str, Any] = {
        "settings": document.settings and document.settings.given(),
        "attributes": [_attribute(part) for part in document.attributes],
        "statuses": [clean_text(name) for name in document.statuses],
        "form_connections": [_connection(part) for part in document.form_connections],
        "scores": [_score(part) for part in document.scores],
        "mapping": document.mapping and _mapping(document.mapping),
        "mappings": [_mapping(part) for part in document.mappings],
    }
    return {name: value for name, value in parts.items() if name in document.model_fields_set}


def _attribute(part: AttributePart) -> dict[str, Any]:
    values = part.given()
    values.pop("choices", None)
    if part.type == FieldType.CHOICE.value and "choices" in part.given():
        values["choices"] = list(chosen(part))
    return values


def _connection(part: FormConnectionPart) -> dict[str, Any]:
    values = part.given()
    page = page_at(part.form)
    values["form"] = (path_of(page.pk) if page else None) or part.form
    if "fields" in values:
        values["fields"] = targets_of(part)
    return values


def _score(part: ScorePart) -> dict[str, Any]:
    values = part.given()
    if "rules" in values:
        values["rules"] = [_rule(rule) for rule in part.rules]
    return values


def _rule(part: RulePart) -> dict[str, Any]:
    values = rule_values(part)
    if values.get("valid_until"):
        values["valid_until"] = moment(values["valid_until"])
    return values


def moment(value: datetime) -> str:
    """A moment in one form only, whatever its time zone."""
    return value.astimezone(timezone.utc).isoformat()


def _mapping(part: MappingPart) -> dict[str, Any]:
    values = part.given()
    values["fields"] = {
        name: source.model_dump(exclude_unset=True) for name, source in part.fields.items()
    }
    return values
