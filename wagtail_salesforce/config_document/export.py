"""Exports everything an editor has set up. Secrets, tokens and people are never in it."""

from __future__ import annotations

from typing import Any

from wagtail_salesforce.config_document.pages import path_of
from wagtail_salesforce.config_document.shape import VERSION, RulePart, SettingsPart
from wagtail_salesforce.contacts.choices import choices_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


def export_document() -> dict[str, Any]:
    """The document as JSON-ready data; importing it on another site gives the same set-up.

    A form connection whose page is gone cannot be named, so it is left out.
    """
    settings = ReplicationSettings.load()
    document = {
        "version": VERSION,
        "settings": _settings(settings),
        "attributes": [_attribute(item) for item in Attribute.objects.order_by("name")],
        "statuses": list(ContactStatus.objects.values_list("name", flat=True)),
        "form_connections": list(filter(None, map(_connection, FormConnection.objects.all()))),
        "scores": [_score(item) for item in Score.objects.prefetch_related("rules")],
    }
    if settings.mapping:
        document["mapping"] = _mapping(settings.mapping)
    return document


def _settings(settings: ReplicationSettings) -> dict[str, Any]:
    special = {"score", "consent_attribute", "default_company_name"}
    names = [name for name in SettingsPart.model_fields if name not in special]
    document = {name: getattr(settings, name) for name in names}
    document["consent_attribute"] = settings.consent_attribute or None
    if settings.default_company_name:
        document["default_company_name"] = settings.default_company_name
    if not settings.by_score or settings.score:
        # A score that was deleted is left out: null would mean all contacts.
        document["score"] = settings.score.name if settings.score else None
    return document


def _attribute(attribute: Attribute) -> dict[str, Any]:
    names = ("name", "label", "type", "help_text")
    values = {name: getattr(attribute, name) for name in names}
    if attribute.type == FieldType.CHOICE.value:
        values["choices"] = list(choices_of(attribute.choices))
    return values


def _connection(connection: FormConnection) -> dict[str, Any] | None:
    path = path_of(connection.page_id)
    if path is None:
        return None
    names = ("name", "fields", "overwrite", "enabled", "activity_type", "value_field")
    more = ("consent_field", "consent_attribute", "conditions")
    given = [*names, *(name for name in more if getattr(connection, name))]
    return {"form": path, **{name: getattr(connection, name) for name in given}}


def _score(score: Score) -> dict[str, Any]:
    names = ("name", "description", "enabled", "notify_at", "notify_addresses")
    rules = [_rule(rule) for rule in score.rules.all()]
    return {**{name: getattr(score, name) for name in names}, "rules": rules}


def _rule(rule: Rule) -> dict[str, Any]:
    """Only what differs from the defaults, beside what every rule has."""
    always = {"name", "kind", "points"}
    values = {name: getattr(rule, name) for name in RulePart.model_fields}
    if values["valid_until"]:
        values["valid_until"] = values["valid_until"].isoformat()
    defaults = {name: field.default for name, field in RulePart.model_fields.items()}
    return {
        name: value
        for name, value in values.items()
        if name in always or value != defaults.get(name)
    }


def _mapping(mapping: Mapping) -> dict[str, Any]:
    return {
        "name": mapping.name,
        "object": mapping.object_name,
        "external_id_field": mapping.external_id_field,
        "fields": mapping.fields,
    }
