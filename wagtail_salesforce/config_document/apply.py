"""Writes a valid document into the database. Call inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.encoding import force_str

from wagtail_salesforce.config_document.pages import page_at
from wagtail_salesforce.config_document.shape import (
    AttributePart,
    Document,
    FormConnectionPart,
    MappingPart,
    RulePart,
    ScorePart,
    SettingsPart,
)
from wagtail_salesforce.config_document.validate_mapping import source_entries
from wagtail_salesforce.connection.models import Connection
from wagtail_salesforce.contacts import activity_types
from wagtail_salesforce.contacts.choices import choices_of, find_choice
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus, FormConnection
from wagtail_salesforce.contacts.values import clean_text
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score
from wagtail_salesforce.scoring.recalculate import request_recalculation


def apply(document: Document) -> None:
    """Attributes first, then what refers to them; the settings last."""
    for part in document.attributes:
        _apply_attribute(part)
    _apply_statuses(document.statuses)
    for connection in document.form_connections:
        _apply_connection(connection)
    for score in document.scores:
        _apply_score(score)
    settings = ReplicationSettings.load()
    if document.mapping:
        settings.mapping = _apply_mapping(document.mapping)
    if document.settings:
        _apply_settings(document.settings, settings)
    if document.mapping or document.settings:
        settings.save()


def _apply_attribute(part: AttributePart) -> None:
    values = part.given()
    if "choices" in values:
        values["choices"] = "\n".join(chosen(part))
    if part.type != FieldType.CHOICE.value:
        values["choices"] = ""
    Attribute.objects.update_or_create(name=part.name, defaults=values)


def chosen(part: AttributePart) -> tuple[str, ...]:
    """The choices that the document gives, as an attribute keeps them."""
    return choices_of("\n".join(part.choices))


def _apply_statuses(names: Sequence[str]) -> None:
    """Add the statuses that are new; one that differs in case alone is there already."""
    known = list(ContactStatus.objects.values_list("name", flat=True))
    for name in map(clean_text, names):
        if find_choice(name, known) is None:
            ContactStatus.objects.create(name=name)
            known.append(name)


def _apply_connection(part: FormConnectionPart) -> None:
    values = part.given()
    page = page_at(values.pop("form"))
    assert page is not None
    values["page_id"] = page.pk
    if "fields" in values:
        values["fields"] = {
            name: target.model_dump(exclude_none=True) for name, target in part.fields.items()
        }
    FormConnection.objects.update_or_create(name=part.name, defaults=values)
    activity_types.ensure(part.activity_type)


def _apply_score(part: ScorePart) -> None:
    values = part.given()
    values.pop("rules", None)
    score, _created = Score.objects.update_or_create(name=part.name, defaults=values)
    for rule in part.rules:
        _apply_rule(score, rule)
    request_recalculation(score)


def _apply_rule(score: Score, part: RulePart) -> None:
    Rule.objects.update_or_create(score=score, name=part.name, defaults=rule_values(part))
    if part.activity_type:
        activity_types.ensure(part.activity_type)


def rule_values(part: RulePart) -> dict[str, Any]:
    """The columns of a rule that the document gives."""
    values = part.given()
    if "value" in values:
        values["value"] = _rule_value(values["value"])
    return values


def _rule_value(value: Any) -> str:
    """Rules keep their value as text; a list one entry a line."""
    if isinstance(value, list):
        return "\n".join(force_str(item) for item in value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else force_str(value)


def _apply_mapping(part: MappingPart) -> Mapping:
    values = {
        "external_id_field": part.external_id_field,
        "fields": source_entries(part),
        "org_id": Connection.load().org_id,
    }
    mapping, _created = Mapping.objects.update_or_create(name=part.name, defaults=values)
    return mapping


def _apply_settings(part: SettingsPart, settings: ReplicationSettings) -> None:
    values = part.given()
    if "score" in values:
        name = values.pop("score")
        settings.choose_score(Score.objects.get(name=name) if name else None)
    if "consent_attribute" in values:
        values["consent_attribute"] = values["consent_attribute"] or ""
    for name, value in values.items():
        setattr(settings, name, value)
