"""Exports everything an editor has set up. Secrets, tokens and people are never in it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

from django.db.models import QuerySet

from wagtail_salesforce.config_document.canonical import moment
from wagtail_salesforce.config_document.pages import path_of
from wagtail_salesforce.config_document.shape import PART_KEYS, VERSION, RulePart, SettingsPart
from wagtail_salesforce.contacts.choices import choices_of
from wagtail_salesforce.contacts.fields import FieldType
from wagtail_salesforce.contacts.models import Attribute, ContactStatus, FormConnection
from wagtail_salesforce.mapping.models import Mapping
from wagtail_salesforce.replication.models import ReplicationSettings
from wagtail_salesforce.scoring.models import Rule, Score


def export_document(parts: Collection[str] | None = None) -> dict[str, Any]:
    """The document as JSON-ready data; importing it on another site gives the same set-up.

    `parts` are keys of PART_KEYS, all when None. A form connection whose page is gone cannot be
    named, so it is left out. Raises ValueError for a part that there is not.
    """
    wanted = tuple(PART_KEYS) if parts is None else tuple(parts)
    document: dict[str, Any] = {"version": VERSION}
    for part in PART_KEYS:
        if part in wanted:
            document |= _PARTS[part]()
    if unknown := set(wanted) - PART_KEYS.keys():
        raise ValueError(", ".join(sorted(unknown)))
    return document


def current_document() -> dict[str, Any]:
    """Everything that is there with every value, to compare a document with (see `diff`)."""
    connections = [
        {"form": path_of(item.page_id), **{name: getattr(item, name) for name in CONNECTION}}
        for item in FormConnection.objects.all()
    ]
    return export_document() | {
        "form_connections": connections,
        "scores": [_score(item, _whole_rule) for item in _scores()],
    }


def _settings_part() -> dict[str, Any]:
    return {"settings": _settings(ReplicationSettings.load())}


def _attributes() -> dict[str, Any]:
    return {"attributes": [_attribute(item) for item in Attribute.objects.order_by("name")]}


def _statuses() -> dict[str, Any]:
    return {"statuses": list(ContactStatus.objects.values_list("name", flat=True))}


def _connections() -> dict[str, Any]:
    found = filter(None, map(_connection, FormConnection.objects.all()))
    return {"form_connections": list(found)}


def _scores_part() -> dict[str, Any]:
    return {"scores": [_score(item, _rule) for item in _scores()]}


def _scores() -> QuerySet[Score]:
    return Score.objects.prefetch_related("rules")


def _mappings() -> dict[str, Any]:
    """The mapping in use, and the others if there are any."""
    used = ReplicationSettings.load().mapping
    spare = Mapping.objects.exclude(pk=used.pk) if used else Mapping.objects.all()
    others = [_mapping(item) for item in spare]
    document: dict[str, Any] = {"mapping": _mapping(used)} if used else {}
    return document | ({"mappings": others} if others else {})


_PARTS: dict[str, Callable[[], dict[str, Any]]] = {
    "settings": _settings_part,
    "attributes": _attributes,
    "statuses": _statuses,
    "form_connections": _connections,
    "scores": _scores_part,
    "mappings": _mappings,
}


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
    given = (name for name in CONNECTION if name not in OPTIONAL or getattr(connection, name))
    return {"form": path, **{name: getattr(connection, name) for name in given}}


OPTIONAL = ("consent_field", "consent_attribute", "conditions")
CONNECTION = (
    "name",
    "fields",
    "overwrite",
    "enabled",
    "activity_type",
    "value_field",
    *OPTIONAL,
)


def _score(score: Score, rule: Callable[[Rule], dict[str, Any]]) -> dict[str, Any]:
    names = ("name", "description", "enabled", "notify_at", "notify_addresses")
    values = {name: getattr(score, name) for name in names}
    return values | {"rules": [rule(item) for item in score.rules.all()]}


def _whole_rule(rule: Rule) -> dict[str, Any]:
    values = {name: getattr(rule, name) for name in RulePart.model_fields}
    if values["valid_until"]:
        values["valid_until"] = moment(values["valid_until"])
    return values


def _rule(rule: Rule) -> dict[str, Any]:
    """Only what differs from the defaults, beside what every rule has."""
    always = {"name", "kind", "points"}
    defaults = {name: field.default for name, field in RulePart.model_fields.items()}
    return {
        name: value
        for name, value in _whole_rule(rule).items()
        if name in always or value != defaults.get(name)
    }


def _mapping(mapping: Mapping) -> dict[str, Any]:
    return {
        "name": mapping.name,
        "object": mapping.object_name,
        "external_id_field": mapping.external_id_field,
        "fields": mapping.fields,
    }
